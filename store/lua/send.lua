-- send: an owner of a group sends money of its wallet to a customer's, once, within the terms of the group's wallet; the customer hears
-- of it. Repeating the same id with the same content changes nothing.
-- KEYS  1 wallets (hash)  2 ledger (hash)  3 statement of the group's wallet (list)  4 statement of the customer's (list)
--       5 terms of the group's wallet (hash)  6 what it spent today (hash)  7 banned users (hash)  8 head (hash)
--       9 shop switches (hash)  10 due news (zset)  11 leases of news (hash)  12 events (stream)  13 seq (string)
--      14 events of order (list)  15 events of the group (list)  16 events of the customer (list)
-- ARGV  1 offset ms  2 transfer id  3 group's wallet  4 customer's wallet  5 amount (minor units, positive)  6 note  7 sender
--       8 ms from UTC to the shop's clock  9 member of the news  10 event of the group  11 event of the customer
-- returns {'sent', balance of the group} | {'exists', balance of the group} | {'conflict'} | {'closed'} | {'behind'} | {'banned'}
--       | {'frozen'} | {'role'} the sender may only look | {'owner'} the sender is none | {'quiet', from, to} minutes of the day
--       | {'spent', a for all or m for the member, what is left of the day} | {'short', what may be sent}
local bad = expect('hash', 'hash', 'list', 'list', 'hash', 'hash', 'hash', 'hash', 'hash', 'zset', 'hash', 'stream',
  'string', 'list', 'list', 'list')
if bad then return bad end
local id, from, to, amount, sender = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[7]
local word = booked(KEYS[2], id, from, to, amount, ARGV[6])
if word == 'exists' then return { word, redis.call('HGET', KEYS[1], from) } end
if word then return { word } end
if redis.call('HLEN', KEYS[9]) > 0 then return { 'closed' } end
if behind(KEYS[8], KEYS[13]) then return { 'behind' } end
local answer, day, all, own = barred(KEYS[7], KEYS[5], KEYS[6], sender, amount, ARGV[8])
if answer then return answer end
if (redis.call('HGET', KEYS[5], 'role:' .. sender) or redis.call('HGET', KEYS[5], 'role:*')) ~= 'owner' then return { 'owner' } end
local may = tonumber(redis.call('HGET', KEYS[1], from) or '0') + tonumber(redis.call('HGET', KEYS[5], 'credit') or '0')
if may < amount then return { 'short', str(may) } end

emit(KEYS[12], KEYS[13], KEYS[14], KEYS[15], ARGV[10])
emit(KEYS[12], KEYS[13], KEYS[14], KEYS[16], ARGV[11])
move(KEYS[1], KEYS[2], id, from, to, amount, ARGV[6], KEYS[3], KEYS[4])
count(KEYS[6], sender, day, all + amount, own + amount)
redis.call('ZADD', KEYS[10], str(NOW), ARGV[9])
redis.call('HDEL', KEYS[11], ARGV[9])
return { 'sent', redis.call('HGET', KEYS[1], from) }
