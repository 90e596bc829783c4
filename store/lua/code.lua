-- code: the short code of a product, given once and kept for ever. The first free candidate is taken.
-- KEYS  1 codes by reference (hash)  2 references by code (hash)
-- ARGV  1 offset ms  2 reference  3.. candidates
-- returns {'ok', code} | {'full'} every candidate belongs to another
local bad = expect('hash', 'hash')
if bad then return bad end
local code = redis.call('HGET', KEYS[1], ARGV[2])
if code then return { 'ok', code } end
for i = 3, #ARGV do
  if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 0 then
    redis.call('HSET', KEYS[1], ARGV[2], ARGV[i])
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[2])
    return { 'ok', ARGV[i] }
  end
end
return { 'full' }
