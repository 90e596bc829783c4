-- mark: remembers one thing about an order that nothing depends on, if the order is there. A field on an order that was never
-- opened would keep its id from being opened.
-- KEYS  1 order (hash)
-- ARGV  1 offset ms  2 field  3 value  4 '1' to write the time instead
-- returns {'ok'} | {'gone'}
local bad = expect('hash')
if bad then return bad end
if redis.call('HEXISTS', KEYS[1], 'buyer') == 0 then return { 'gone' } end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[4] == '1' and str(NOW) or ARGV[3])
return { 'ok' }
