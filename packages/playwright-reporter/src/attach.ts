/** Puts a test's cleanup report where Playwright's reporters show it: HTML, JSON, JUnit. */
import { type CleanupReport, leftBehind, type Verdict } from '@dustpan/core/worker'
import type { TestInfo } from '@playwright/test'

/** Nothing for a test that passed and left nothing. */
export async function attachReport(info: TestInfo, report: CleanupReport, verdict: Verdict): Promise<void> {
  const description = leftBehind(report)
  if (description === undefined && verdict !== 'failed') return
  if (description !== undefined) info.annotations.push({ type: 'dustpan', description })
  // Loaded by the first test that fails.
  const { renderText } = await import('@dustpan/core/ledger')
  const text = renderText(report, { color: false, width: 120 })
  info.attachments.push(
    { name: 'dustpan.txt', contentType: 'text/plain', body: Buffer.from(text) },
    { name: 'dustpan.json', contentType: 'application/json', body: Buffer.from(JSON.stringify(report, null, 2)) },
  )
}
