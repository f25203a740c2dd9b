/* Made by values.py: accuracy, loss, Brier, ECE; then correlation scores. */
static const double flat[] = { 0.716666666667, 1.80427698672, 0.813891607741, 0.535679447338 };
static const double middle[] = { 0.716666666667, 1.58080520206, 0.675422628781, 0.323803986744 };
static const double sharp[] = { 0.716666666667, 4.01951886662, 0.571431825911, 0.191646678296 };
static const double apart[] = { -82.3594465824 };
static const double mixed[] = { -148.595792053 };
static const double alike[] = { -67335.2602466 };
