import { Script } from '../client/script.ts';

/**
 * Puts columns into a packed row, whose other columns stay. Arguments: time to live in ms or -1, then names and values by
 * turns. The row's layout is that of `row-codec.ts`.
 */
export const WRITE_ROW: Script = new Script(`
local old = redis.call('GET', KEYS[1])
local ttl = tonumber(ARGV[1])
local expiresAt = 1/0
if ttl >= 0 then
  local time = redis.call('TIME')
  expiresAt = time[1] * 1000 + math.floor(time[2] / 1000) + ttl
end
local replaced = {}
for i = 2, #ARGV, 2 do replaced[ARGV[i]] = true end
local parts = { struct.pack('<Bd', 1, expiresAt) }
if old then
  if string.byte(old, 1) ~= 1 then return redis.error_reply('ERR milonga:corrupt row of version ' .. tostring(string.byte(old, 1))) end
  local at, size = 10, #old
  while at <= size do
    if at + 6 > size + 1 then return redis.error_reply('ERR milonga:corrupt row') end
    local nameLength, valueLength, from = struct.unpack('<I2I4', old, at)
    local after = from + nameLength + valueLength
    if after > size + 1 then return redis.error_reply('ERR milonga:corrupt row') end
    if not replaced[string.sub(old, from, from + nameLength - 1)] then parts[#parts + 1] = string.sub(old, at, after - 1) end
    at = after
  end
end
for i = 2, #ARGV, 2 do
  parts[#parts + 1] = struct.pack('<I2I4', #ARGV[i], #ARGV[i + 1])
  parts[#parts + 1] = ARGV[i]
  parts[#parts + 1] = ARGV[i + 1]
end
local row = table.concat(parts)
if ttl < 0 then redis.call('SET', KEYS[1], row)
elseif ttl == 0 then redis.call('DEL', KEYS[1])
else redis.call('SET', KEYS[1], row, 'PX', ARGV[1]) end
return 1
`);

/** Adds to a bounded list. Arguments: how many values it keeps, time to live in ms or -1, then the values, oldest first. */
export const APPEND_LIST: Script = new Script(`
for i = 3, #ARGV, 1000 do redis.call('RPUSH', KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV))) end
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[1]), -1)
local ttl = tonumber(ARGV[2])
if ttl < 0 then redis.call('PERSIST', KEYS[1])
elseif ttl == 0 then redis.call('DEL', KEYS[1])
else redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
`);
