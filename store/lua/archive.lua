-- archive: moves the beginning of the record behind a segment that is kept elsewhere, if it still begins where the segment does. The
-- entries stay for trim to remove; whoever reads knows from now on that they are not part of the record any more.
-- KEYS  1 head (hash)  2 events (stream)  3 seq (string)  4 events of order (list)  5 events of person (list)
-- ARGV  1 offset ms  2 expected former beginning ('' for the first entry)  3 new beginning  4 event
-- returns {'ok'} | {'moved'}
local bad = expect('hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
if (redis.call('HGET', KEYS[1], 'base') or '') ~= ARGV[2] then return { 'moved' } end
emit(KEYS[2], KEYS[3], KEYS[4], KEYS[5], ARGV[4])
redis.call('HSET', KEYS[1], 'base', ARGV[3])
return { 'ok' }
