/**
 * What runs at remap time, behind the data: fixed text, into which nothing of a diversion is ever pasted.
 * It means the same as `decide` at the edge `ats`. Settings are set by name, through the server's own lookup, since
 * tslua knows few of them; the server keeps pointers to their values, so each must live as long as the script.
 *
 * The server looks for an open connection as the request that needs one is told to, whatever the connection was opened
 * for. So the connections of diverted requests have a name and an address that no other rule uses: the target's name
 * in capital letters, and its IPv4 address written as an IPv6 one.
 */
export const PROGRAM = `
local ffi = require('ffi')
pcall(ffi.cdef, 'int TSHttpTxnConfigFind(const char *name, int length, int *key, int *type);')
pcall(ffi.cdef, 'int socket(int domain, int type, int protocol); int close(int fd);')

local function settingKey(name)
  local key, kind = ffi.new('int[1]'), ffi.new('int[1]')
  if ffi.C.TSHttpTxnConfigFind(name, #name, key, kind) ~= 0 then
    error('this Traffic Server cannot set ' .. name .. ' for one transaction')
  end
  return key[0]
end

local function byKey(settings)
  local list = {}
  for name, value in pairs(settings) do
    list[#list + 1] = { name = name, key = settingKey(name), value = value }
  end
  return list
end

local SHARING = settingKey('proxy.config.http.server_session_sharing.match')
local IPV4, IPV6, STREAM, SHARED_BY_NONE = 2, 10, 1, 0

-- An address that connections are opened from has a family, and would have to be the other one.
local function hasOwnFamily()
  local outgoing = ts.mgmt.get_string('proxy.local.outgoing_ip_to_bind') or ''
  local ports = ts.mgmt.get_string('proxy.config.http.server_ports') or ''
  if outgoing ~= '' or ports:find('ip-out', 1, true) or ports:find('tr-', 1, true) then return false end
  local socket = ffi.C.socket(IPV6, STREAM, 0)
  if socket < 0 then return false end
  ffi.C.close(socket)
  return true
end

local canMap = hasOwnFamily()

local function ownName(address)
  local isIpv4 = address:find('^%d+%.%d+%.%d+%.%d+$')
  return canMap and isIpv4 and '[::ffff:' .. address .. ']' or address:upper()
end

for _, target in pairs(data.targets) do
  target.texts, target.numbers = byKey(target.texts), byKey(target.numbers)
  target.name = ownName(target.address)
end

-- Methods that Traffic Server answers itself, from production's part of the cache.
local LOCAL = { PURGE = true, PUSH = true }

local function hostOf(authority)
  return (authority:lower():gsub(':%d*$', ''):gsub('%.$', ''))
end

-- The share may change while the server runs: its file is read at most once a second. Each of many Lua states does
-- so for itself, so what counts is the file as it is, or the declared share; never what was read before.
local share, readAt = data.share, 0

local function writtenShare()
  local file = io.open(data.shareFile)
  if not file then return nil end
  local percent = tonumber((file:read('*l') or ''):match('^%s*(%d+)%s*$'))
  file:close()
  return percent and percent <= 100 and percent or nil
end

local function currentShare()
  local now = os.time()
  if now ~= readAt then
    share, readAt = writtenShare() or data.share, now
  end
  return share
end

local function isInShare(request)
  local percent = currentShare()
  if percent >= 100 then return true end
  if percent <= 0 then return false end
  local client = data.clientHeader and request.header[data.clientHeader] or (request.client_addr.get_addr())
  return tonumber(ts.md5(data.name .. ' ' .. tostring(client)):sub(1, 8), 16) % 100 < percent
end

local function pathOf(request)
  local params = request.get_uri_params() or ''
  return request.get_uri() .. (params == '' and '' or ';' .. params)
end

local function debugRole(request)
  local value = data.debug and request.header[data.debug.header]
  if not value then return nil end
  local backend = value:match('backend=([%w.-]+)') or value
  return data.debug.backends[backend:lower()] and 'debug' or 'unknown'
end

local function refuse(status, text)
  ts.http.set_resp(status, text)
  return TS_LUA_REMAP_DID_REMAP_STOP
end

local function set(settings)
  for _, setting in ipairs(settings.texts) do ts.http.config_string_set(setting.key, setting.value) end
  for _, setting in ipairs(settings.numbers) do ts.http.config_int_set(setting.key, setting.value) end
end

-- Where the server follows redirects itself, a request may leave the target, and is then sent as the server sends any.
local usual = {}

local function unset(settings)
  for _, setting in ipairs(settings.texts) do
    local value = ts.mgmt.get_string(setting.name) or ''
    usual[value] = value
    ts.http.config_string_set(setting.key, value)
  end
  for _, setting in ipairs(settings.numbers) do
    ts.http.config_int_set(setting.key, ts.mgmt.get_int(setting.name))
  end
end

local function isOwn(address)
  return address ~= nil and address:find('^::ffff:') ~= nil
end

-- What cannot be given an address of its own is used for one request.
local function keepApart(target)
  local server = ts.server_request.server_addr
  local address, _, family = server.get_addr()
  if canMap and family == IPV4 then
    server.set_addr('::ffff:' .. address, target.port, IPV6)
  elseif not isOwn(address) then
    ts.http.config_int_set(SHARING, SHARED_BY_NONE)
  end
end

local function send(request, target, host)
  local authority = target.authority or host
  local isAtTarget = true
  set(target)
  request.set_url_scheme('https')
  request.set_url_host(target.name)
  local name = request.get_url_host()
  request.set_url_port(target.port)
  request.header['Host'] = authority
  ts.hook(TS_LUA_HOOK_OS_DNS, function()
    isAtTarget = request.get_url_host() == name
    if isAtTarget then keepApart(target) else unset(target) end
    return 0
  end)
  ts.hook(TS_LUA_HOOK_SEND_REQUEST_HDR, function()
    if not isAtTarget then return 0 end
    local sent = ts.server_request
    -- Other scripts of the rule may write the host once more before the request leaves.
    sent.header['Host'] = authority
    -- An address that the server fell back to by itself has not been through the hook above.
    if canMap and not isOwn((sent.server_addr.get_addr())) then sent.header['Connection'] = 'close' end
    return 0
  end)
  return TS_LUA_REMAP_DID_REMAP_STOP
end

function do_remap()
  local request = ts.client_request
  local authority = request.header['Host']
  local host = authority and (data.hosts[authority] or data.hosts[hostOf(authority)])
  if not host or LOCAL[request.get_method()] then return TS_LUA_REMAP_NO_REMAP end
  -- Where the rule, and the scripts before this one, have led so far: only a declared upstream is replaced.
  local role = data.upstreams[(request.get_url_host() or ''):lower() .. ':' .. request.get_url_port()]
  if not role or not isInShare(request) then return TS_LUA_REMAP_NO_REMAP end
  local path = pathOf(request)
  if isRefused(path) then return refuse(403, data.texts.refused) end
  role = debugRole(request) or role
  if role == 'unknown' then return refuse(400, data.texts.unknownBackend) end
  local target = data.targets[role]
  if target.allow and not target.allow[request.get_method() .. ' ' .. path] then
    return refuse(403, data.texts.notAllowed)
  end
  return send(request, target, host)
end

-- Each of the server's many Lua states holds what reading this left behind.
collectgarbage()
collectgarbage()
`;
