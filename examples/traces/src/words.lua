-- Prints seeded text of made-up words with a skewed frequency, as input for gzip.
math.randomseed(3, 5)
local words = {}
for i = 1, 4000 do
  local letters = {}
  for j = 1, math.random(2, 9) do letters[j] = string.char(math.random(97, 122)) end
  words[i] = table.concat(letters)
end
for _ = 1, 100000 do
  local line = {}
  for j = 1, 10 do line[j] = words[math.floor(4000 ^ math.random())] end
  print(table.concat(line, " "))
end
