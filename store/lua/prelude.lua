-- prelude: stands before every script. ARGV[1] is the clock offset in milliseconds, 0 outside demo and crash tests.
-- Lua is not rolled back: each script reads and checks first, types included, then writes, its event first.
local OFFSET = tonumber(ARGV[1])
local T = redis.call('TIME')
local NOW = T[1] * 1000 + math.floor(T[2] / 1000) + OFFSET

-- str prints a whole number; numbers travel as strings because the two Redises print large ones differently.
local function str(n) return string.format('%.0f', n) end

-- expect compares the types of KEYS[1..] with the names given, the last of which stands for all further keys; a key may also be
-- absent. The ledger brings the list of its entries along. It returns an error or nil.
local function expect(...)
  local kinds = { ... }
  for i = 1, #KEYS do
    local want = kinds[math.min(i, #kinds)]
    local function wrong(key, kind)
      local t = redis.call('TYPE', key)
      if type(t) == 'table' then t = t.ok end
      if t ~= 'none' and t ~= kind then
        return redis.error_reply('WRONGKIND key ' .. i .. ' is a ' .. t .. ', not a ' .. kind)
      end
    end
    local bad = wrong(KEYS[i], want)
    if not bad and string.sub(KEYS[i], -7) == ':ledger' then bad = wrong(KEYS[i] .. ':ids', 'list') end
    if bad then return bad end
  end
end

-- emit appends one event, a JSON array of five strings [kind, order, person, actor, data], to the stream and its indexes.
local function emit(events, seq, by_order, by_person, packed)
  local e = cjson.decode(packed)
  local id = redis.call('XADD', events, '*', 't', str(NOW), 'k', e[1], 'o', e[2], 'p', e[3], 'a', e[4], 'd', e[5])
  redis.call('INCR', seq)
  if e[2] ~= '' then redis.call('RPUSH', by_order, id) end
  if e[3] ~= '' then redis.call('RPUSH', by_person, id) end
end

-- behind tells whether the record is not linked recently enough to buy or to show: over 5 s or 1,000 entries.
local function behind(head, seq)
  local at = tonumber(redis.call('HGET', head, 'at') or '0')
  local linked = tonumber(redis.call('HGET', head, 'seq') or '0')
  local all = tonumber(redis.call('GET', seq) or '0')
  return NOW - at > 5000 or all - linked > 1000
end

-- handed tells of an order whose cards somebody else may open by a link, or has opened, as the answer of the script: until when it may be
-- opened, or when it was; nil for none.
local function handed(order)
  local f = redis.call('HMGET', order, 'slip.k', 'slip.till', 'slip.at', 'slip.re')
  if f[1] ~= 'hand' or f[4] == '1' then return nil end
  if f[3] then return { 'handed', '0', f[3] } end
  if tonumber(f[2]) > NOW then return { 'handed', f[2], '0' } end
end

-- move books one transfer: the entry, its place in the order of booking, both balances, and the statements of the accounts that have
-- one. The caller has checked that the id is new.
local function move(wallets, ledger, id, from, to, amount, note, from_lines, to_lines)
  local ids = ledger .. ':ids' -- keys.booked
  redis.call('HSET', ledger, id, str(NOW) .. '|' .. from .. '|' .. to .. '|' .. str(amount) .. '|' .. note)
  redis.call('RPUSH', ids, id)
  redis.call('HINCRBY', wallets, from, str(-amount))
  redis.call('HINCRBY', wallets, to, str(amount))
  if from_lines then redis.call('RPUSH', from_lines, id) end
  if to_lines then redis.call('RPUSH', to_lines, id) end
end

-- booked tells of a transfer id: 'exists' with this content, 'conflict' with other, nil while it is new.
local function booked(ledger, id, from, to, amount, note)
  local line = redis.call('HGET', ledger, id)
  if not line then return nil end
  local content = string.match(line, '^%d+(|.*)$')
  return content == '|' .. from .. '|' .. to .. '|' .. str(amount) .. '|' .. note and 'exists' or 'conflict'
end

-- spent is what all (field a) or one member (m<user>) took out of a wallet on a day.
local function spent(spending, field, day)
  local on, sum = string.match(redis.call('HGET', spending, field) or '', '^(%d+):(%d+)$')
  return on == str(day) and tonumber(sum) or 0
end

-- barred tells what a ban and the terms of a wallet say against somebody's taking an amount out of it now, as the answer of the script;
-- nil for nothing, and then the day and what it has seen of all and of this one. It is data that decides: nobody is named here.
local function barred(banned, terms, spending, user, amount, zone)
  if redis.call('HEXISTS', banned, user) == 1 then return { 'banned' } end
  local function term(name) return redis.call('HGET', terms, name) end
  if term('frozen') == '1' or term('moving') then return { 'frozen' } end
  if (term('role:' .. user) or term('role:*') or 'buyer') == 'viewer' then return { 'role' } end
  local clock = NOW + tonumber(zone)
  local day, minute = math.floor(clock / 86400000), math.floor(clock % 86400000 / 60000)
  local from, to = string.match(term('quiet') or '', '^(%d+)-(%d+)$')
  if from then
    local a, b = tonumber(from), tonumber(to)
    local quiet = a < b and minute >= a and minute < b
    if a > b then quiet = minute >= a or minute < b end
    if quiet then return { 'quiet', from, to } end
  end
  local all, own = spent(spending, 'a', day), spent(spending, 'm' .. user, day)
  local most, each = tonumber(term('day') or '0'), tonumber(term('day:' .. user) or term('mday') or '0')
  if each > 0 and own + amount > each then return { 'spent', 'm', str(math.max(0, each - own)) } end
  if most > 0 and all + amount > most then return { 'spent', 'a', str(math.max(0, most - all)) } end
  return nil, day, all, own
end

-- count writes what all and one member took out of a wallet on a day.
local function count(spending, user, day, all, own)
  redis.call('HSET', spending, 'a', str(day) .. ':' .. str(all), 'm' .. user, str(day) .. ':' .. str(own))
end

-- uncount gives an order's money that came back to the limits of the day it was bought on, while that day lasts.
local function uncount(order, spending, amount)
  local day = tonumber(redis.call('HGET', order, 'day') or '')
  if not day then return end
  local user = redis.call('HGET', order, 'buyer')
  for _, field in ipairs({ 'a', 'm' .. user }) do
    local was = spent(spending, field, day)
    if was > 0 then redis.call('HSET', spending, field, str(day) .. ':' .. str(math.max(0, was - amount))) end
  end
end
