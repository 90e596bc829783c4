-- end_move: the last step of a move, when every order has gone: the money of the wallet, favorites and watched lines go to the new account, once.
-- KEYS  1 move (hash)  2 orders of the old account (list)  3 its open requests to fill a wallet (zset)  4 wallets (hash)  5 ledger (hash)
--       6 statement of the old wallet (list)  7 statement of the new one (list)  8 favorites of the old account (hash)  9 of the new one (hash)
--      10 lines watched for the old wallet (hash)  11 for the new one (hash)  12 what the old one was told of them (hash)  13 the new one (hash)
--      14 terms of the old wallet (hash)  15 moves that have not ended (zset)  16 due news (zset)  17 leases of news (hash)  18 times (zset)
--      19 leases of times (hash)  20 events (stream)  21 seq (string)  22 events of order (list)  23 events of person (list)
-- ARGV  1 offset ms  2 id  3 old wallet  4 new wallet  5 member of news and times  6 the old wallet's daily note  7 the new one's
--       8 ms it is kept  9 event, without its amount: kind, order, person, actor, data
-- returns {'moved', amount} | {'same'} | {'gone'} | {'edge', state} | {'orders'} some are left | {'topups'} some are open | {'owes'}
local bad = expect('hash', 'list', 'zset', 'hash', 'hash', 'list', 'list', 'hash', 'hash', 'hash', 'hash', 'hash', 'hash', 'hash', 'zset', 'zset',
  'hash', 'zset', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local id, from, to, member = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local state = redis.call('HGET', KEYS[1], 'st')
if not state then return { 'gone' } end
if state == 'done' then return { 'same' } end
if state ~= 'moving' then return { 'edge', state } end
if redis.call('LLEN', KEYS[2]) > 0 then return { 'orders' } end
if redis.call('ZCARD', KEYS[3]) > 0 then return { 'topups' } end
local amount = tonumber(redis.call('HGET', KEYS[4], from) or '0')
if amount < 0 then return { 'owes' } end

local e = cjson.decode(ARGV[9])
e[5] = string.sub(e[5], 1, -2) .. ',"amount":"' .. str(amount) .. '"}'
emit(KEYS[20], KEYS[21], KEYS[22], KEYS[23], cjson.encode(e))
if amount > 0 then move(KEYS[4], KEYS[5], 'move:' .. id, from, to, amount, '', KEYS[6], KEYS[7]) end
-- What the new account has of favorites and watched lines already stays as it is.
local favorites, watched, told = redis.call('HGETALL', KEYS[8]), redis.call('HGETALL', KEYS[10]), redis.call('HGETALL', KEYS[12])
for f = 1, #favorites, 2 do redis.call('HSETNX', KEYS[9], favorites[f], favorites[f + 1]) end
for f = 1, #watched, 2 do redis.call('HSETNX', KEYS[11], watched[f], watched[f + 1]) end
for f = 1, #told, 2 do redis.call('HSETNX', KEYS[13], told[f], told[f + 1]) end
redis.call('DEL', KEYS[8])
redis.call('DEL', KEYS[10])
redis.call('DEL', KEYS[12])
local daily = redis.call('ZSCORE', KEYS[16], ARGV[6])
if daily then
  redis.call('ZADD', KEYS[16], 'NX', daily, ARGV[7])
  redis.call('ZREM', KEYS[16], ARGV[6])
end
redis.call('HDEL', KEYS[14], 'moving')
redis.call('HSET', KEYS[14], 'moved', id)
redis.call('HSET', KEYS[1], 'st', 'done', 'ended', str(NOW), 'amount', str(amount))
redis.call('ZREM', KEYS[15], id)
redis.call('ZREM', KEYS[18], member)
redis.call('HDEL', KEYS[19], member)
redis.call('PEXPIRE', KEYS[1], ARGV[8])
redis.call('ZADD', KEYS[16], str(NOW), member)
redis.call('HDEL', KEYS[17], member)
return { 'moved', str(amount) }
