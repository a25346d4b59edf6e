/** Whether a request whose body is not read as JSON contains an id. */

import type { Json } from '../resource/resource.ts'

/** As a file name or a value. @param text the body; undefined: it was not read */
export function mayContain(text: string | undefined, id: Json): boolean {
  if (text === undefined) return true
  const letters = String(id).replace(/[^\da-z]/gi, '')
  if (letters.length >= 8) return spelled(letters).test(text)
  const value = String(id).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const patterns = /^\s*[[{]/.test(text) ? inJson : inForms
  return patterns.some((pattern) => new RegExp(pattern.replace('{id}', () => value)).test(text))
}

/** Services normalise file names: `My File.PNG` → `my-file.png`. */
const spelled = (letters: string): RegExp => new RegExp([...letters].join('[^\\da-z]*'), 'i')

const inJson = ['[:[,]\\s*"?{id}"?\\s*[,}\\]]']

const inForms = [
  '="{id}(?:\\.\\w+)?"',
  '\r\n\r\n{id}\r\n--',
  '(?:^|&)[^=&]{1,500}={id}(?:&|$)',
  '>{id}</',
  '":\\s*"?{id}"?\\s*[,}\\]]',
  '^\\s*"?{id}"?\\s*$',
]
