-- open_order: one agreed basket becomes an order: hold, placements to be asked, notice, event. Repeating it changes nothing.
-- KEYS  1 order (hash)   2 wallets (hash)   3 ledger (hash)      4 statement of the account (list)
--       5 orders of the buyer (list)        6 open orders (zset) 7 due placements (zset)  8 due notices (zset)
--       9 events (stream) 10 seq (string)  11 events of order (list) 12 events of person (list)
--      13 head (hash)    14 paused suppliers (hash)              15 shop switches (hash)
--      16 orders of the account (list)  17 terms of the account (hash)  18 what it spent today (hash)
--      19 orders of the buyer that may be open (zset)  20 banned users (hash)
-- ARGV  1 offset ms  2 order id  3 account  4 total (minor units)  5 unit price (minor units)  6 cards in all
--       7 document (JSON)  8 buyer  9 chat  10 message  11 provider  12 event  13 chat of the timeline (0 for chat)
--      14 topic there  15 ms from UTC to the shop's clock  16 most open orders of a buyer  17.. cards of placement 1, 2, …
-- returns {'opened', balance after} | {'exists'} | {'conflict'} | {'short', what may be spent} | {'closed'} | {'paused', reason} | {'behind'}
--      | {'banned'} | {'frozen'} | {'role'} the member may only look | {'quiet', from, to} minutes of the day | {'many'}
--      | {'spent', a for all or m for the member, what is left of the day}
local bad = expect('hash', 'hash', 'hash', 'list', 'list', 'zset', 'zset', 'zset', 'stream', 'string', 'list', 'list', 'hash',
  'hash', 'hash', 'list', 'hash', 'hash', 'zset', 'hash')
if bad then return bad end
local id, account, total = ARGV[2], ARGV[3], tonumber(ARGV[4])
if redis.call('EXISTS', KEYS[1]) == 1 then
  local same = redis.call('HGET', KEYS[1], 'acct') == account and redis.call('HGET', KEYS[1], 'buyer') == ARGV[8]
  return { same and 'exists' or 'conflict' }
end
if redis.call('HEXISTS', KEYS[3], id .. ':hold') == 1 then return { 'conflict' } end
if redis.call('HLEN', KEYS[15]) > 0 then return { 'closed' } end
local reason = redis.call('HGET', KEYS[14], ARGV[11])
if reason then return { 'paused', reason } end
if behind(KEYS[13], KEYS[10]) then return { 'behind' } end

-- What the wallet may be used for, and by whom, is data: nobody who calls is named here.
local answer, day, all, own = barred(KEYS[20], KEYS[17], KEYS[18], ARGV[8], total, ARGV[15])
if answer then return answer end
local open, ended = 0, {}
for _, other in ipairs(redis.call('ZRANGE', KEYS[19], 0, -1)) do
  if redis.call('ZSCORE', KEYS[6], other) then open = open + 1 else ended[#ended + 1] = other end
end
if open >= tonumber(ARGV[16]) then return { 'many' } end
local balance = tonumber(redis.call('HGET', KEYS[2], account) or '0')
local credit = tonumber(redis.call('HGET', KEYS[17], 'credit') or '0')
if balance + credit < total then return { 'short', str(balance + credit) } end

emit(KEYS[9], KEYS[10], KEYS[11], KEYS[12], ARGV[12])
move(KEYS[2], KEYS[3], id .. ':hold', account, 'hold', total, '', KEYS[4])
redis.call('HSET', KEYS[1], 'st', 'placing', 'acct', account, 'buyer', ARGV[8], 'chat', ARGV[9], 'msg', ARGV[10],
  'prov', ARGV[11], 'total', ARGV[4], 'unit', ARGV[5], 'q', ARGV[6], 'doc', ARGV[7], 'at', str(NOW), 'n', str(#ARGV - 16))
if ARGV[13] ~= '0' then redis.call('HSET', KEYS[1], 'post', ARGV[13], 'thr', ARGV[14]) end
for k = 1, #ARGV - 16 do
  redis.call('HSET', KEYS[1], k .. '.st', 'ready', k .. '.q', ARGV[16 + k])
  redis.call('ZADD', KEYS[7], str(NOW), id .. '.' .. k)
end
redis.call('LPUSH', KEYS[5], id)
redis.call('LPUSH', KEYS[16], id)
redis.call('ZADD', KEYS[6], str(NOW), id)
for _, other in ipairs(ended) do redis.call('ZREM', KEYS[19], other) end
redis.call('ZADD', KEYS[19], str(NOW), id)
if string.sub(account, 1, 6) == 'group:' then
  count(KEYS[18], ARGV[8], day, all + total, own + total)
  redis.call('HSET', KEYS[1], 'day', str(day))
end
redis.call('ZADD', KEYS[8], str(NOW + 3000), id)
return { 'opened', str(balance - total) }
