-- link_topup: the page where a request is paid, once: from then on its person has the whole life of it. Its reference at the cashier
-- belongs to this request for ever.
-- KEYS  1 request (hash)  2 references of the method (hash)  3 due news (zset)  4 leases of news (hash)  5 times (zset)
--       6 leases of times (hash)
-- ARGV  1 offset ms  2 id  3 reference  4 address of the page  5 life ms
-- returns {'linked'} | {'exists'} it has a page | {'gone'} | {'edge', state} | {'taken'} the reference belongs to another request
local bad = expect('hash', 'hash', 'zset', 'hash', 'zset', 'hash')
if bad then return bad end
local id, ref = ARGV[2], ARGV[3]
local state = redis.call('HGET', KEYS[1], 'st')
if not state or redis.call('HGET', KEYS[1], 'auto') ~= '1' then return { 'gone' } end
if redis.call('HEXISTS', KEYS[1], 'url') == 1 then return { 'exists' } end
if state ~= 'asked' then return { 'edge', state } end
if redis.call('HEXISTS', KEYS[2], ref) == 1 then return { 'taken' } end

local till = str(NOW + tonumber(ARGV[5]))
redis.call('HSET', KEYS[1], 'num', ref, 'url', ARGV[4], 'till', till)
redis.call('HSET', KEYS[2], ref, id)
redis.call('ZADD', KEYS[3], str(NOW), id)
redis.call('HDEL', KEYS[4], id)
redis.call('ZADD', KEYS[5], till, id)
redis.call('HDEL', KEYS[6], id)
return { 'linked' }
