-- move_order: gives one order to another person: its cards, which are sealed for them, its place in the lists, and the wallet that money of it
-- comes back to when it was paid from the person's own. The tokens of the former owner open nothing any more. What is not at rest stays.
-- KEYS  1 order (hash)  2 vault (hash)  3 orders of the former buyer (list)  4 orders of the new one (list)  5 orders of the former wallet (list)
--       6 orders of the new one (list)  7 tickets about its cards (hash)  8 move (hash)  9 events (stream)  10 seq (string)
--      11 events of order (list)  12 events of person (list)
-- ARGV  1 offset ms  2 order id  3 former buyer  4 new buyer  5 former wallet  6 new wallet  7 event  8.. index, sealed, sealed anew, …
-- returns {'moved'} | {'same'} it is theirs | {'gone'} no such order, or somebody else's | {'edge'} the move is not under way
--       | {'open'} it has not ended | {'on_screen'} | {'ticket'} a report about it is open | {'changed'} other entries lie in the vault
local bad = expect('hash', 'hash', 'list', 'list', 'list', 'list', 'hash', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local function get(field) return redis.call('HGET', KEYS[1], field) end
local id, from, to = ARGV[2], ARGV[3], ARGV[4]
local buyer = get('buyer')
if buyer == to then return { 'same' } end
if buyer ~= from then return { 'gone' } end
if redis.call('HGET', KEYS[8], 'st') ~= 'moving' then return { 'edge' } end
if not get('final') then return { 'open' } end
local state = get('rv')
local claimed = state == 'claimed'
if state == 'shown' or state == 'showing' or claimed and tonumber(get('rv.until')) > NOW then return { 'on_screen' } end
for _, ticket in ipairs(redis.call('HVALS', KEYS[7])) do
  if ticket ~= 'done' then return { 'ticket' } end
end
if redis.call('HLEN', KEYS[2]) * 3 ~= #ARGV - 7 then return { 'changed' } end
for i = 8, #ARGV, 3 do
  if redis.call('HGET', KEYS[2], ARGV[i]) ~= ARGV[i + 1] then return { 'changed' } end
end

emit(KEYS[9], KEYS[10], KEYS[11], KEYS[12], ARGV[7])
for i = 8, #ARGV, 3 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2]) end
redis.call('HSET', KEYS[1], 'buyer', to, 'mv', from, 'msg', '0')
for _, chat in ipairs({ 'chat', 'post' }) do
  if get(chat) == from then redis.call('HSET', KEYS[1], chat, to) end
end
redis.call('HDEL', KEYS[1], 'offer', 'tok', 'tok.till', 'tok.old', 'tok.used', 'tok.re', 'rv.mac')
if claimed then redis.call('HSET', KEYS[1], 'rv', 'sealed') end -- its lease has ended: nothing was shown
redis.call('LREM', KEYS[3], 1, id)
redis.call('RPUSH', KEYS[4], id)
if get('acct') == ARGV[5] then
  redis.call('HSET', KEYS[1], 'acct', ARGV[6])
  redis.call('LREM', KEYS[5], 1, id)
  redis.call('RPUSH', KEYS[6], id)
end
return { 'moved' }
