-- swap: puts sealed bytes in the place of others, each entry only where the former bytes still stand: what was opened, released or
-- shredded meanwhile stays as it is.
-- KEYS  1 vault of an order, or the ring (hash)
-- ARGV  1 offset ms  2.. field, former, new, field, former, new, …
-- returns {'ok', entries swapped}
local bad = expect('hash')
if bad then return bad end
local swapped = 0
for i = 2, #ARGV, 3 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
    swapped = swapped + 1
  end
end
return { 'ok', str(swapped) }
