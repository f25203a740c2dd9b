"""scikit-learn's random forest on a file of rows. The first line: how many rows to learn,
how many targets, and which columns (from 0) are levels without order; these become a
column a level, as its manual has it. Then a row a line, inactive parameters -1, targets
last. Prints for each target the RMSE on the other rows over their mean."""
import sys
import numpy as np
from sklearn.ensemble import RandomForestRegressor

with open(sys.argv[1]) as file:
    n, m, *levels = map(int, file.readline().split())
    rows = np.loadtxt(file, ndmin=2)
x, y = rows[:, :-m], rows[:, -m:]
parts = [np.eye(int(x[:, j].max()) + 2)[x[:, j].astype(int) + 1] if j in levels
         else x[:, [j]] for j in range(x.shape[1])]
x = np.hstack(parts)
for t in range(m):
    forest = RandomForestRegressor(100, random_state=1).fit(x[:n], y[:n, t])
    error = forest.predict(x[n:]) - y[n:, t]
    print("%.17g" % (np.sqrt(np.mean(error ** 2)) / np.mean(y[n:, t])))
