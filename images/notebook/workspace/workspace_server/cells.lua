-- Pandoc's reading of a notebook → Typst calls that notebook.typ defines. One function a kind of thing.

local function quoted(text)
  return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('\n', '\\n'):gsub('\r', ''):gsub('\t', '\\t') .. '"'
end

local function typst(text) return pandoc.RawBlock('typst', text) end

local function enclosed(call, blocks)
  local all = pandoc.Blocks { typst('#' .. call .. '[') }
  all:extend(blocks)
  all:insert(typst(']'))
  return all
end

-- An image that cannot be had leaves its description and address, never an error or a hole.
local function image(element)
  local kind, bytes
  if not element.src:match('^https?:') then
    local found
    found, kind, bytes = pcall(pandoc.mediabag.fetch, element.src)
    if not found then bytes = nil end
  end
  local ending = bytes and ({
    ['image/png'] = 'png', ['image/jpeg'] = 'jpg', ['image/gif'] = 'gif', ['image/svg+xml'] = 'svg',
    ['image/webp'] = 'webp', ['application/pdf'] = 'pdf',
  })[(kind or ''):match('^[^;]*')]
  if not ending then
    local shown = element.src:match('^data:') and 'data' or element.src
    local words = pandoc.Inlines { pandoc.Str('[image: ') }
    words:extend(element.caption)
    words:extend { pandoc.Space(), pandoc.Code(shown), pandoc.Str(']') }
    return words
  end
  local name = pandoc.utils.sha1(bytes) .. '.' .. ending
  local file = assert(io.open(PANDOC_STATE.user_data_dir .. '/' .. name, 'wb'))
  file:write(bytes)
  file:close()
  element.src = name
  element.attributes = { width = element.attributes.width, height = element.attributes.height }
  return element
end

local function from_html(text) return pandoc.read(text, 'html').blocks end

-- What stands alone as LaTeX: an environment, or a formula with nothing around it.
local function formula(text)
  local inside = text:match('^%s*\\begin{equation%*?}(.*)\\end{equation%*?}%s*$') or text:match('^%s*\\begin{.*$')
    or text:match('^%s*%$+([^$]+)%$+%s*$')
  return inside and pandoc.Math('DisplayMath', (inside:gsub('^%s*\\displaystyle', '')))
end

local function raw_block(element)
  if element.format == 'html' then return from_html(element.text) end
  if element.format == 'markdown' then return pandoc.read(element.text, 'markdown').blocks end
  if element.format == 'ipynb' then return pandoc.CodeBlock(element.text) end
  if element.format == 'tex' or element.format == 'latex' then
    local set = formula(element.text)
    return set and pandoc.Para { set } or pandoc.read(element.text, 'markdown').blocks
  end
end

local function raw_inline(element)
  if element.format == 'tex' then return formula(element.text) end
  if element.format ~= 'html' then return nil end
  if element.text:match('^<br') then return pandoc.LineBreak() end
  if element.text:match('^<img') then return pandoc.utils.blocks_to_inlines(from_html(element.text)) end
  return {}
end

-- Many columns leave no room between them.
local function wide_table(element)
  return #element.colspecs > 8 and enclosed('narrow', { element }) or nil
end

local function code_cell(cell)
  local count, blocks = cell.attributes.execution_count or ' ', pandoc.Blocks {}
  for _, block in ipairs(cell.content) do
    if block.t == 'CodeBlock' then
      local language = block.classes[1] and quoted(block.classes[1]) or 'none'
      if block.text:match('%S') then
        blocks:insert(typst(('#code-cell(%s, %s, %s)'):format(quoted(count), language, quoted(block.text))))
      end
    elseif block.t == 'Div' and block.classes:includes('output') then
      local kind = block.classes:includes('error') and 'error' or block.classes:includes('stderr') and 'stderr' or 'output'
      block.content = block.content:map(function(part)
        if part.t == 'CodeBlock' then return typst(('#output-text(%s, %s)'):format(quoted(kind), quoted(part.text))) end
        return part
      end)
      local number = block.classes:includes('execute_result') and count or ''
      blocks:extend(enclosed(('output(%s, %s)'):format(quoted(number), quoted(kind)), block.content))
    end
  end
  return blocks
end

local function cell(element)
  if not element.classes:includes('cell') then return nil end
  if element.classes:includes('code') then return code_cell(element) end
  return element.content
end

-- Raw parts first: what they hold (images, tables) is then treated as all else.
return { { RawBlock = raw_block, RawInline = raw_inline }, { Image = image, Table = wide_table }, { Div = cell } }
