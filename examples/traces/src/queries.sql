-- Two tables of seeded pseudo-random rows, an index, then joins, ranges and updates.
CREATE TABLE item (id INTEGER PRIMARY KEY, kind INTEGER, price REAL, name TEXT);
CREATE TABLE sale (item INTEGER, day INTEGER, amount INTEGER);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
INSERT INTO item SELECT i, i * 7919 % 41, i * 104729 % 9973 / 100.0,
  printf('item-%08d', i * 7727 % 100003) FROM n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
INSERT INTO sale SELECT i * 48271 % 4000 + 1, i % 365, i * 16807 % 13 FROM n;
CREATE INDEX sale_item ON sale (item, day);
SELECT kind, count(*), sum(price * amount) FROM item JOIN sale ON item.id = sale.item
  GROUP BY kind ORDER BY 3 DESC;
SELECT name FROM item WHERE price BETWEEN 20 AND 30 ORDER BY name LIMIT 20;
UPDATE item SET price = price * 1.1 WHERE id IN (SELECT item FROM sale WHERE day < 30);
SELECT day, sum(amount) FROM sale WHERE item BETWEEN 1000 AND 2000 GROUP BY day;
