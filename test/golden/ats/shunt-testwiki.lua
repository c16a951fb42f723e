-- Diversion testwiki, written by `shunt render ats`; change the diversion rather than this file.
local data = {
  ["clientHeader"] = "X-Client-IP",
  ["debug"] = {
    ["backends"] = {
      ["k8s-mw-pretrain"] = true,
      ["k8s-mw-pretrain-codfw"] = true,
      ["k8s-mw-pretrain-eqiad"] = true,
    },
    ["header"] = "X-Wikimedia-Debug",
  },
  ["hosts"] = {
    ["test.m.wikipedia.org"] = "test.wikipedia.org",
    ["test.wikipedia.org"] = "test.wikipedia.org",
  },
  ["name"] = "testwiki",
  ["refused"] = {
    "/rpc/RunSingleJob.php",
  },
  ["share"] = 100,
  ["shareFile"] = "/etc/trafficserver/lua/shunt-testwiki.share",
  ["targets"] = {
    ["debug"] = {
      ["address"] = "mw-pretrain.discovery.wmnet",
      ["numbers"] = {
        ["proxy.config.http.cache.http"] = 0,
        ["proxy.config.url_remap.pristine_host_hdr"] = 1,
      },
      ["port"] = 30443,
      ["texts"] = {
        ["proxy.config.http.server_session_sharing.match"] = "ip,hostonly,sni",
        ["proxy.config.ssl.client.CA.cert.filename"] = "/etc/ssl/certs/wmf-ca-certificates.crt",
        ["proxy.config.ssl.client.sni_policy"] = "@mw-pretrain.discovery.wmnet",
        ["proxy.config.ssl.client.verify.server.policy"] = "ENFORCED",
        ["proxy.config.ssl.client.verify.server.properties"] = "ALL",
      },
    },
    ["jobrunner"] = {
      ["address"] = "mw-pretrain.discovery.wmnet",
      ["allow"] = {
        ["GET /w/health-check.php"] = true,
        ["POST /rpc/RunSingleJob.php"] = true,
      },
      ["authority"] = "mw-pretrain-jobrunner.discovery.wmnet",
      ["numbers"] = {
        ["proxy.config.http.cache.http"] = 0,
        ["proxy.config.http.connect_attempts_max_retries"] = 0,
        ["proxy.config.http.transaction_active_timeout_out"] = 1203,
        ["proxy.config.http.transaction_no_activity_timeout_out"] = 1203,
        ["proxy.config.url_remap.pristine_host_hdr"] = 1,
      },
      ["port"] = 30443,
      ["texts"] = {
        ["proxy.config.http.server_session_sharing.match"] = "ip,hostonly,sni",
        ["proxy.config.ssl.client.CA.cert.filename"] = "/etc/ssl/certs/wmf-ca-certificates.crt",
        ["proxy.config.ssl.client.sni_policy"] = "@mw-pretrain-jobrunner.discovery.wmnet",
        ["proxy.config.ssl.client.verify.server.policy"] = "ENFORCED",
        ["proxy.config.ssl.client.verify.server.properties"] = "ALL",
      },
    },
    ["web"] = {
      ["address"] = "mw-pretrain.discovery.wmnet",
      ["numbers"] = {
        ["proxy.config.http.cache.http"] = 0,
        ["proxy.config.url_remap.pristine_host_hdr"] = 1,
      },
      ["port"] = 30443,
      ["texts"] = {
        ["proxy.config.http.server_session_sharing.match"] = "ip,hostonly,sni",
        ["proxy.config.ssl.client.CA.cert.filename"] = "/etc/ssl/certs/wmf-ca-certificates.crt",
        ["proxy.config.ssl.client.sni_policy"] = "@mw-pretrain.discovery.wmnet",
        ["proxy.config.ssl.client.verify.server.policy"] = "ENFORCED",
        ["proxy.config.ssl.client.verify.server.properties"] = "ALL",
      },
    },
  },
  ["texts"] = {
    ["notAllowed"] = "The other environment does not take this request.\010",
    ["refused"] = "This path is not served to the outside.\010",
    ["unknownBackend"] = "X-Wikimedia-Debug names no backend of this host; there are: k8s-mw-pretrain, k8s-mw-pretrain-eqiad, k8s-mw-pretrain-codfw\010",
  },
  ["upstreams"] = {
    ["10.2.1.75:4450"] = "web",
    ["10.2.1.76:4447"] = "web",
    ["10.2.1.81:4446"] = "web",
    ["10.2.1.90:4448"] = "jobrunner",
    ["10.2.2.75:4450"] = "web",
    ["10.2.2.76:4447"] = "web",
    ["10.2.2.81:4446"] = "web",
    ["10.2.2.90:4448"] = "jobrunner",
    ["mw-api-ext-ro.discovery.wmnet:4447"] = "web",
    ["mw-api-ext.discovery.wmnet:4447"] = "web",
    ["mw-api-int-ro.discovery.wmnet:4446"] = "web",
    ["mw-api-int.discovery.wmnet:4446"] = "web",
    ["mw-jobrunner.discovery.wmnet:4448"] = "jobrunner",
    ["mw-web-ro.discovery.wmnet:4450"] = "web",
    ["mw-web.discovery.wmnet:4450"] = "web",
  },
}

-- The characters of a path as a server may read them, in lower case, however often each is percent-encoded.
local function tokensOf(path)
  local characters, encoded, count, at = {}, {}, 0, 1
  while at <= #path do
    local pairAt = path:sub(at, at) == '%' and at + 1
    while pairAt and path:sub(pairAt, pairAt + 1) == '25' and path:find('^%x%x', pairAt + 2) do
      pairAt = pairAt + 2
    end
    local pair = pairAt and path:match('^%x%x', pairAt)
    count = count + 1
    characters[count] = (pair and string.char(tonumber(pair, 16)) or path:sub(at, at)):lower()
    encoded[count] = pair and true or false
    at = pair and pairAt + 2 or at + 1
  end
  return { characters = characters, encoded = encoded, count = count }
end

local function isSlash(character) return character == '/' or character == '\\' end

-- What most proxies do before they pass a path on: only plain dot segments between plain slashes are resolved.
local function withoutDotSegments(path)
  local segments = {}
  for segment in (path:sub(2) .. '/'):gmatch('([^/\\]*)[/\\]') do
    local plain = segment:gsub('%%2[eE]', '.')
    if plain == '..' then
      segments[#segments] = nil
    elseif plain ~= '.' then
      segments[#segments + 1] = segment
    end
  end
  return '/' .. table.concat(segments, '/')
end

-- The same at a server that decodes first.
local function withoutDecodedDotSegments(tokens)
  local segments, start = {}, 2
  for at = 2, tokens.count + 1 do
    if at > tokens.count or isSlash(tokens.characters[at]) then
      local text = table.concat(tokens.characters, '', start, at - 1)
      if text == '..' then
        segments[#segments] = nil
      elseif text ~= '.' then
        segments[#segments + 1] = { start, at - 1 }
      end
      start = at + 1
    end
  end
  local resolved = { characters = {}, encoded = {}, count = 0 }
  local function add(character, isEncoded)
    resolved.count = resolved.count + 1
    resolved.characters[resolved.count], resolved.encoded[resolved.count] = character, isEncoded
  end
  for _, segment in ipairs(segments) do
    add('/', false)
    for at = segment[1], segment[2] do add(tokens.characters[at], tokens.encoded[at]) end
  end
  return resolved
end

-- Control characters and blanks, which some servers trim.
local function isBlank(tokens, at)
  local character = tokens.characters[at]
  return tokens.encoded[at] and (character <= ' ' or character == '\127')
end

-- Where a separator may end that begins at one of those places: slashes, with dot segments, parameters and blanks.
local function behindSeparator(begins, tokens)
  local characters, encoded = tokens.characters, tokens.encoded
  local open, marked, trailing, behind, hasBegun = {}, {}, {}, {}, false
  for at = 0, tokens.count do
    -- The token that ends here is the one of the same number.
    local last = characters[at]
    local isFurther = isSlash(last) and (marked[at - 1] or trailing[at - 1])
    open[at] = begins[at] or isFurther
    hasBegun = hasBegun or open[at - 3]
    local isUp = last == '.' and characters[at - 1] == '.'
      and (open[at - 2] or (hasBegun and isSlash(characters[at - 2])))
    marked[at] = open[at] or isUp or (last == '.' and open[at - 1])
    trailing[at] = at > 0 and (
      (marked[at - 1] and (last == ';' or last == '.' or isBlank(tokens, at)))
      or (trailing[at - 1] and (encoded[at] or not isSlash(last))))
    behind[at] = isFurther or (at > 0 and behind[at - 1] and isBlank(tokens, at))
  end
  return behind
end

local function endsOf(name, starts, tokens)
  local ends = {}
  for start = 0, tokens.count - #name do
    if starts[start] then
      local at = 1
      while at <= #name and tokens.characters[start + at] == name:sub(at, at) do at = at + 1 end
      if at > #name then ends[start + #name] = true end
    end
  end
  return ends
end

-- Whether the segments are met in this order, with nothing between them but what a separator may hold; the path may go
-- on behind them, or be cut, but not be a longer name.
local function mayLeadTo(segments, tokens)
  local ends = { [0] = true }
  for _, segment in ipairs(segments) do
    ends = endsOf(segment, behindSeparator(ends, tokens), tokens)
    if not next(ends) then return false end
  end
  for at in pairs(ends) do
    local after = tokens.characters[at + 1]
    if not after or tokens.encoded[at + 1] or not after:find('[%w_~-]') then return true end
  end
  return false
end

-- Bytes that spell a character in a way that only faulty decoders read.
local function isUnreadable(path)
  for at in path:gmatch('()%%') do
    at = at + 1
    while path:sub(at, at + 1) == '25' do at = at + 2 end
    -- A last '25' may be a percent sign of its own, and is looked at as such.
    local function isAt(pattern, from) return path:find('^' .. pattern, from) ~= nil end
    local function lead(from)
      return isAt('[cC][01]%%', from) or isAt('[uU]%x', from)
    end
    local function behind(pattern, digit)
      if not isAt(pattern .. '%%', at) then return false end
      local from = at + 3
      while path:sub(from, from + 1) == '25' do from = from + 2 end
      return isAt(digit, from)
    end
    local function nested(from)
      if not isAt('%%', from) then return false end
      from = from + 1
      while path:sub(from, from + 1) == '25' do from = from + 2 end
      return isAt('3%d', from) or isAt('[46][1-6]', from)
    end
    if lead(at) or behind('[eE]0', '[89]') or behind('[fF][08cC]', '8') or nested(at)
      or (isAt('%x', at) and nested(at + 1)) then return true end
  end
  return false
end

local refused = {}
for index, path in ipairs(data.refused) do
  refused[index] = {}
  for segment in path:lower():gmatch('[^/]+') do table.insert(refused[index], segment) end
end

-- Refused is what could be read as one of these paths, since it leaves as it came and servers differ in how they read.
local function isRefused(path)
  if #refused == 0 then return false end
  local resolved = withoutDotSegments(path)
  if isUnreadable(resolved) then return true end
  local readings = { tokensOf(resolved), withoutDecodedDotSegments(tokensOf(path)) }
  for _, segments in ipairs(refused) do
    for _, tokens in ipairs(readings) do
      if mayLeadTo(segments, tokens) then return true end
    end
  end
  return false
end

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
