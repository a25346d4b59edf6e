import { renderHtml } from './html.ts'
import { renderJson } from './json.ts'
import { renderJunit } from './junit.ts'
import { renderMarkdown } from './markdown.ts'
import type { CleanupReport } from './model.ts'
import { renderText, type TextOptions } from './text.ts'

/** The report's renderings, by the name of the format. */
export const renderings: Readonly<Record<string, (report: CleanupReport, options?: TextOptions) => string>> = {
  text: renderText,
  json: renderJson,
  markdown: renderMarkdown,
  html: renderHtml,
  junit: renderJunit,
}
