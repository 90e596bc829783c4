-- settle: the only place where a placement's fate is written: state, money, cards, event, all at once. Fenced by the claim. A refused
-- placement may leave its cards to others at another supplier: they come into being in the same step, and nobody has asked for them yet.
-- KEYS  1 order (hash)  2 wallets (hash)  3 ledger (hash)  4 statement of the account (list)  5 open orders (zset)
--       6 due placements (zset)  7 due notices (zset)  8 vault of the order (hash)  9 fingerprints (hash)
--      10 events (stream)  11 seq (string)  12 events of order (list)  13 events of person (list)  14 notice leases (hash)
--      15 placements in doubt (zset)  16 handles (hash)  17 placements of its kind without a supplier's id (zset)
--      18 due retention (zset)  19 what was bought from the account in a day (hash)
-- ARGV  1 offset ms  2 order id  3 k  4 fence  5 state  6 handle  7 memo  8 next poll ms from now  9 delivered cards
--      10 cost (minor units of the shop's currency)  11 slow ('1')  12 document ('' keeps it)  13 event of the placement
--      14 event of the order once final, without its data: kind, order, person, actor
--      15 '1' when the supplier said what it charged, '' when the cost is an estimate
--      16 cards n, then n × (index, sealed; '' takes it out of the vault)  then fingerprints m, then m × fingerprint
--         then, for a refused placement whose place others take: their supplier, document (JSON), cards of each
-- returns {'ok', order state} | {'gone'} | {'fenced'} | {'edge', from} | {'repeat'} a code of another order | {'taken'} a handle of another order
local bad = expect('hash', 'hash', 'hash', 'list', 'zset', 'zset', 'zset', 'hash', 'hash', 'stream', 'string', 'list', 'list',
  'hash', 'zset', 'hash', 'zset', 'zset', 'hash')
if bad then return bad end
local id, k, to = ARGV[2], ARGV[3], ARGV[5]
local member = id .. '.' .. k
local from = redis.call('HGET', KEYS[1], k .. '.st')
if not from then return { 'gone' } end
if redis.call('HGET', KEYS[1], k .. '.fence') ~= ARGV[4] then return { 'fenced' } end
if not (EDGES[from] and EDGES[from][to]) then return { 'edge', from } end
local cards = tonumber(ARGV[16])
local at = 17 + 2 * cards
local prints = tonumber(ARGV[at])
local final = FINAL[to] == true
if final then
  local delivered = tonumber(ARGV[9])
  if delivered < 0 or delivered > tonumber(redis.call('HGET', KEYS[1], k .. '.q')) then return { 'edge', from } end
  for i = 1, prints do
    local owner = redis.call('HGET', KEYS[9], ARGV[at + i])
    if owner and owner ~= member then return { 'repeat' } end
  end
end
local prov = redis.call('HGET', KEYS[1], k .. '.prov') or redis.call('HGET', KEYS[1], 'prov')
local handle = prov .. ':' .. ARGV[6]
if ARGV[6] ~= '' then
  local owner = redis.call('HGET', KEYS[16], handle)
  if owner and owner ~= member then return { 'taken' } end
end

local instead = at + prints + 1 -- where those that take this placement's place begin
if ARGV[instead] then
  local left = tonumber(redis.call('HGET', KEYS[1], k .. '.q'))
  for i = instead + 2, #ARGV do left = left - tonumber(ARGV[i]) end
  if to ~= 'refused' or left ~= 0 or ARGV[instead] == prov then return { 'edge', from } end
end

-- A person's note belongs to the decision that was taken with it, and to no settlement of a worker.
local by, note = string.match(redis.call('HGET', KEYS[1], k .. '.note') or '', '^(%d+) (.*)$')
if by ~= ARGV[4] then note = '' end
if to ~= from or cards > 0 then emit(KEYS[10], KEYS[11], KEYS[12], KEYS[13], ARGV[13]) end
redis.call('HSET', KEYS[1], k .. '.st', to, k .. '.until', '0')
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[1], k .. '.h', ARGV[6])
  redis.call('HSET', KEYS[16], handle, member)
end
if to ~= 'in_doubt' or redis.call('HEXISTS', KEYS[1], k .. '.h') == 1 then redis.call('ZREM', KEYS[17], member) end
if ARGV[7] ~= '' then redis.call('HSET', KEYS[1], k .. '.memo', ARGV[7]) end
if ARGV[12] ~= '' then redis.call('HSET', KEYS[1], 'doc', ARGV[12]) end
if ARGV[11] == '1' then redis.call('HSET', KEYS[1], 'slow', '1') end
for i = 1, cards do
  if ARGV[16 + 2 * i] == '' then
    redis.call('HDEL', KEYS[8], ARGV[15 + 2 * i])
  else
    redis.call('HSET', KEYS[8], ARGV[15 + 2 * i], ARGV[16 + 2 * i])
  end
end
if to == 'review' then -- what lies in quarantine is this placement's: the same code is not sold in another one
  for i = 1, prints do redis.call('HSETNX', KEYS[9], ARGV[at + i], member) end
end
if prints > 0 and (final or to == 'review') then -- a backup reads orders, not the table of fingerprints
  local fp = ''
  for i = 1, prints do fp = fp .. #ARGV[at + i] .. ':' .. ARGV[at + i] end
  redis.call('HSET', KEYS[1], k .. '.fp', fp)
end
if to == 'in_doubt' then redis.call('ZADD', KEYS[15], 'NX', str(NOW), member) else redis.call('ZREM', KEYS[15], member) end
if final or to == 'review' then
  redis.call('ZREM', KEYS[6], member)
else
  redis.call('HINCRBY', KEYS[1], k .. '.polls', '1')
  redis.call('ZADD', KEYS[6], str(NOW + tonumber(ARGV[8])), member)
end

if ARGV[instead] then
  local n = tonumber(redis.call('HGET', KEYS[1], 'n'))
  for i = instead + 2, #ARGV do
    n = n + 1
    redis.call('HSET', KEYS[1], str(n) .. '.st', 'ready', str(n) .. '.q', ARGV[i], str(n) .. '.prov', ARGV[instead],
      str(n) .. '.src', ARGV[instead + 1], str(n) .. '.for', k)
    redis.call('ZADD', KEYS[6], str(NOW), id .. '.' .. str(n))
  end
  redis.call('HSET', KEYS[1], 'n', str(n))
end

local supplier = 'supplier:' .. prov
if final then
  local delivered, cost = tonumber(ARGV[9]), tonumber(ARGV[10])
  local value = delivered * tonumber(redis.call('HGET', KEYS[1], 'unit'))
  redis.call('HSET', KEYS[1], k .. '.n', ARGV[9], k .. '.cost', ARGV[10])
  if ARGV[15] == '1' then redis.call('HSET', KEYS[1], k .. '.said', '1') end
  for i = 1, prints do redis.call('HSET', KEYS[9], ARGV[at + i], member) end
  if value > 0 then move(KEYS[2], KEYS[3], member .. ':capture', 'hold', 'sales', value, note) end
  if cost > 0 then move(KEYS[2], KEYS[3], member .. ':cost', 'sales', supplier, cost, '') end
  redis.call('HINCRBY', KEYS[1], 'captured', str(value))
end

-- The order's state follows from its placements: review before doubt before pending before placing; final when all are.
local rank = { ready = 1, placing = 1, pending = 2, in_doubt = 3, review = 4 }
local worst, state, got, refused = 0, nil, 0, true
for i = 1, tonumber(redis.call('HGET', KEYS[1], 'n')) do
  local s = redis.call('HGET', KEYS[1], i .. '.st')
  got = got + tonumber(redis.call('HGET', KEYS[1], i .. '.n') or '0')
  if s ~= 'refused' then refused = false end
  if rank[s] and rank[s] > worst then
    worst, state = rank[s], s == 'ready' and 'placing' or s
  end
end
redis.call('HSET', KEYS[1], 'got', str(got))
if not state then
  local total, quantity = tonumber(redis.call('HGET', KEYS[1], 'total')), tonumber(redis.call('HGET', KEYS[1], 'q'))
  local rest = total - tonumber(redis.call('HGET', KEYS[1], 'captured') or '0')
  state = got == quantity and 'fulfilled' or got > 0 and 'partial' or refused and 'refused' or 'refunded'
  local e = cjson.decode(ARGV[14])
  e[5] = '{"state":"' .. state .. '","cards":"' .. str(got) .. '","returned":"' .. str(rest) .. '"}'
  emit(KEYS[10], KEYS[11], KEYS[12], KEYS[13], cjson.encode(e))
  if rest > 0 then
    move(KEYS[2], KEYS[3], id .. ':release', 'hold', redis.call('HGET', KEYS[1], 'acct'), rest, note, nil, KEYS[4])
    uncount(KEYS[1], KEYS[19], rest)
  end
  redis.call('HSET', KEYS[1], 'final', str(NOW), 'back', str(rest))
  if got > 0 then
    redis.call('HSET', KEYS[1], 'rv', 'sealed')
    redis.call('ZADD', KEYS[18], 'NX', str(NOW + 86400000), id) -- a day later it is looked whether they were opened
  end
  redis.call('ZREM', KEYS[5], id)
end
local was = redis.call('HGET', KEYS[1], 'st')
redis.call('HSET', KEYS[1], 'st', state)
if state ~= was or final or ARGV[11] == '1' then
  -- A change is told at once. One part of several that came is progress: told every 10 s where others read it, else every 3 s.
  local at, beat = NOW, tonumber(redis.call('HGET', KEYS[1], 'beat') or '0')
  if state == was and ARGV[11] ~= '1' then
    local post = redis.call('HGET', KEYS[1], 'post')
    local pace = post and post ~= redis.call('HGET', KEYS[1], 'chat') and 10000 or 3000
    at = beat > NOW and beat or math.max(NOW, beat + pace)
    redis.call('HSET', KEYS[1], 'beat', str(at))
  end
  redis.call('ZADD', KEYS[7], str(at), id)
  redis.call('HDEL', KEYS[14], id)
end
return { 'ok', state }
