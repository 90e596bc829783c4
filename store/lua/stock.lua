-- stock: keeps what turned up for a placement that ended without cards (house stock), or cards for one under review. They lie in
-- quarantine: nobody is shown them, and no money of a customer moves. The supplier's order belongs to the placement from then on.
-- KEYS  1 order (hash)  2 vault of the order (hash)  3 handles (hash)  4 wallets (hash)  5 ledger (hash)
--       6 events (stream)  7 seq (string)  8 events of order (list)  9 events of person (list)  10 fingerprints (hash)
-- ARGV  1 offset ms  2 order id  3 k  4 handle ('' for none)  5 cost (minor units of the shop's currency, '0' for none)
--       6 beginning of the indexes that these cards replace ('' for none)  7 event  8 fingerprints n, then n × fingerprint, then
--       index, sealed, index, sealed, …
-- returns {'kept'} | {'exists'} | {'gone'} | {'edge', state} the placement may still end by itself, or has cards
--       | {'taken'} the supplier's order belongs to another placement
local bad = expect('hash', 'hash', 'hash', 'hash', 'hash', 'stream', 'string', 'list', 'list', 'hash')
if bad then return bad end
local id, k, replace = ARGV[2], ARGV[3], ARGV[6]
local member = id .. '.' .. k
local state = redis.call('HGET', KEYS[1], k .. '.st')
if not state then return { 'gone' } end
if state ~= 'review' and state ~= 'refused' and state ~= 'refunded' then return { 'edge', state } end
local prov = redis.call('HGET', KEYS[1], k .. '.prov') or redis.call('HGET', KEYS[1], 'prov')
local handle = prov .. ':' .. ARGV[4]
if ARGV[4] ~= '' then
  local owner = redis.call('HGET', KEYS[3], handle)
  if owner and owner ~= member then return { 'taken' } end
end
local first = 9 + tonumber(ARGV[8])
local new = ARGV[4] ~= '' and redis.call('HGET', KEYS[1], k .. '.h') ~= ARGV[4]
for i = first, #ARGV, 2 do
  if replace ~= '' or redis.call('HEXISTS', KEYS[2], ARGV[i]) == 0 then new = true end
end
if not new then return { 'exists' } end

emit(KEYS[6], KEYS[7], KEYS[8], KEYS[9], ARGV[7])
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[1], k .. '.h', ARGV[4])
  redis.call('HSET', KEYS[3], handle, member)
end
if replace ~= '' then
  for _, index in ipairs(redis.call('HKEYS', KEYS[2])) do
    if string.sub(index, 1, #replace) == replace then redis.call('HDEL', KEYS[2], index) end
  end
end
for i = first, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
local fp = redis.call('HGET', KEYS[1], k .. '.fp') or '' -- a backup reads orders, not the table of fingerprints
for i = 9, first - 1 do
  if redis.call('HSETNX', KEYS[10], ARGV[i], member) == 1 then fp = fp .. #ARGV[i] .. ':' .. ARGV[i] end
end
if fp ~= '' then redis.call('HSET', KEYS[1], k .. '.fp', fp) end
local cost = tonumber(ARGV[5])
if cost > 0 and redis.call('HEXISTS', KEYS[5], member .. ':stock') == 0 then
  move(KEYS[4], KEYS[5], member .. ':stock', 'sales', 'supplier:' .. prov, cost, '')
end
return { 'kept' }
