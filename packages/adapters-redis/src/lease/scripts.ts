import { Script } from '../client/script.ts';

/**
 * Takes a lease that nobody holds. Keys: the lease, its last token. Arguments: holder, time to live in ms. A token is larger than the
 * last one and than the server's clock in microseconds, so it grows even when a failover forgot the last.
 */
export const ACQUIRE: Script = new Script(`
if redis.call('EXISTS', KEYS[1]) == 1 then return false end
local time = redis.call('TIME')
local token = math.max(tonumber(redis.call('GET', KEYS[2]) or 0) + 1, time[1] * 1000000 + time[2])
local text = string.format('%.0f', token)
redis.call('SET', KEYS[2], text, 'PX', 2592000000)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return text
`);

/** Prolongs a lease that the holder still has. Arguments: holder, time to live in ms. */
export const RENEW: Script = new Script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

/** Gives a lease back that the holder still has. Argument: holder. */
export const RELEASE: Script = new Script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);
