/**
 * The part of the program that knows refused paths: `isRefused` means the same as `isRefusedPath`, a token at a time,
 * since Lua's patterns have no alternatives. Work grows with the length of the path.
 */
export const REFUSED_PROGRAM = String.raw`
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
`;
