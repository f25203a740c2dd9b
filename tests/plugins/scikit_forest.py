"""scikit-learn's random forest on a file of rows: "rows-to-learn targets", then a row a
line, targets last. Prints for each target the RMSE on the other rows over their mean."""
import sys
import numpy as np
from sklearn.ensemble import RandomForestRegressor

with open(sys.argv[1]) as file:
    n, m = map(int, file.readline().split())
    rows = np.loadtxt(file, ndmin=2)
x, y = rows[:, :-m], rows[:, -m:]
for t in range(m):
    forest = RandomForestRegressor(100, random_state=1).fit(x[:n], y[:n, t])
    error = forest.predict(x[n:]) - y[n:, t]
    print("%.17g" % (np.sqrt(np.mean(error ** 2)) / np.mean(y[n:, t])))
