import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** The relative links of a markdown file whose target file or heading does not exist. */
export function brokenLinks(root: string, file: string): string[] {
  return relativeLinks(readFileSync(join(root, file), 'utf8'))
    .filter((link) => !resolves(root, file, link))
    .map((link) => `${file}: the link ${link} leads nowhere`)
}

function relativeLinks(markdown: string): string[] {
  const prose = withoutCode(markdown)
  const inline = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)]
  const references = [...prose.matchAll(/^\[[^\]]+\]:\s+(\S+)/gm)]
  return [...inline, ...references].map(([, link = '']) => link).filter((link) => !/^[a-z][a-z+.-]*:/i.test(link))
}

function resolves(root: string, file: string, link: string): boolean {
  const [path = '', anchor] = decodeURIComponent(link).split('#')
  const target = path === '' ? file : normalize(join(dirname(file), path))
  if (target.startsWith('..') || !existsSync(join(root, target))) return false
  if (anchor === undefined || statSync(join(root, target)).isDirectory() || !target.endsWith('.md')) return true
  return anchors(readFileSync(join(root, target), 'utf8')).includes(anchor)
}

/** The ids that GitHub gives to headings: the text in lower case, without punctuation, with `-1` and so on for repetitions. */
function anchors(markdown: string): string[] {
  const seen = new Map<string, number>()
  return [...withoutFences(markdown).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading = '']) => {
    const id = slug(heading)
    const before = seen.get(id) ?? 0
    seen.set(id, before + 1)
    return before === 0 ? id : `${id}-${before}`
  })
}

function slug(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

function withoutFences(markdown: string): string {
  return markdown.replace(/^( *)(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1\2 *$/gm, '')
}

function withoutCode(markdown: string): string {
  return withoutFences(markdown).replace(/(`+)[^`\n][\s\S]*?\1/g, '')
}
