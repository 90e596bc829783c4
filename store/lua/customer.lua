-- customer: a customer's short number, given once and kept for ever. The n-th customer gets the n-th number of a shuffled
-- row: 9000 numbers of four digits, then 90000 of five, and so on; the step has no divisor in common with any of these.
-- KEYS  1 numbers by user (hash)  2 users by number (hash), with the count in field n  3 talk (hash)
-- ARGV  1 offset ms  2 user
-- returns {'ok', number}
local bad = expect('hash', 'hash', 'hash')
if bad then return bad end
local number = redis.call('HGET', KEYS[1], ARGV[2])
if not number then
  local n, first = tonumber(redis.call('HINCRBY', KEYS[2], 'n', '1')) - 1, 1000
  while n >= 9 * first do
    n, first = n - 9 * first, 10 * first
  end
  number = str(first + (n * 7919 + 3821) % (9 * first))
  redis.call('HSET', KEYS[2], number, ARGV[2])
  redis.call('HSET', KEYS[1], ARGV[2], number)
end
if redis.call('HGET', KEYS[3], 'c') ~= number then redis.call('HSET', KEYS[3], 'c', number) end
return { 'ok', number }
