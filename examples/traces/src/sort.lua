-- Fills a table with seeded random numbers and sorts it.
math.randomseed(2, 4)
local numbers = {}
for i = 1, 60000 do numbers[i] = math.random() end
table.sort(numbers)
for i = 2, #numbers do assert(numbers[i - 1] <= numbers[i]) end
