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
