/** What browser tests need; where there is no browser they are left out, and the output says why. */
import { getChromium } from '../../../scripts/browser.ts'

const found = await getChromium()
if ('missing' in found) console.log(`Tests with a browser are left out: ${found.missing}`)

export const chromium = 'browser' in found ? found.browser : undefined

/** For the `use` of a configuration. */
export const launchOptions = `launchOptions: ${JSON.stringify(chromium ?? {})}`
