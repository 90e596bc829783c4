-- prove_topup: takes what a person says of a payment: the operator's number, a picture, or that there is none. When all that is needed
-- has come the request is sent, and its number belongs to it for ever.
-- KEYS  1 request (hash)  2 numbers of the method (hash)  3 pictures (hash)  4 waiting requests (zset)  5 due news (zset)
--       6 leases of news (hash)  7 times (zset)  8 leases of times (hash)  9 events (stream)  10 seq (string)
--      11 events of order (list)  12 events of person (list)
-- ARGV  1 offset ms  2 id  3 person  4 number ('' for none)  5 file ('' for none)  6 what is the same in every copy of the file
--       7 '1' the file is a document  8 '1' there is no picture, or nothing to send but the word  9 event once it is sent
-- returns {'sent'} | {'kept'} something is missing | {'gone'} | {'edge', state} | {'taken'} the number belongs to another request
local bad = expect('hash', 'hash', 'hash', 'zset', 'zset', 'hash', 'zset', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local id = ARGV[2]
local function get(field) return redis.call('HGET', KEYS[1], field) end
if get('buyer') ~= ARGV[3] then return { 'gone' } end
if get('st') ~= 'asked' or get('auto') == '1' then return { 'edge', get('st') } end
local number = ARGV[4] ~= '' and ARGV[4] or get('num')
local file = ARGV[5] ~= '' and ARGV[5] or get('pic')
local alone = ARGV[8] == '1' or get('alone') == '1'
if number then
  local owner = redis.call('HGET', KEYS[2], number)
  if owner and owner ~= id then return { 'taken' } end
end
local numbered = get('need.n') == '1'
local ready = (not numbered or number) and (get('need.p') ~= '1' or file or alone) and (numbered or alone)

if ready then emit(KEYS[9], KEYS[10], KEYS[11], KEYS[12], ARGV[9]) end
if number then redis.call('HSET', KEYS[1], 'num', number) end
if alone then redis.call('HSET', KEYS[1], 'alone', '1') end
if ARGV[5] ~= '' then
  redis.call('HSET', KEYS[1], 'pic', ARGV[5], 'pic.doc', ARGV[7])
  local first = redis.call('HGET', KEYS[3], ARGV[6])
  if first and first ~= id then redis.call('HSET', KEYS[1], 'seen', first) else redis.call('HDEL', KEYS[1], 'seen') end
  redis.call('HSETNX', KEYS[3], ARGV[6], id)
end
if not ready then return { 'kept' } end
if number then redis.call('HSET', KEYS[2], number, id) end
redis.call('HSET', KEYS[1], 'st', 'sent', 'sent', str(NOW))
redis.call('ZADD', KEYS[4], str(NOW), id)
redis.call('ZADD', KEYS[5], str(NOW), id)
redis.call('HDEL', KEYS[6], id)
redis.call('ZADD', KEYS[7], str(NOW), id)
redis.call('HDEL', KEYS[8], id)
return { 'sent' }
