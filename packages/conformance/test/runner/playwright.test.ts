import { playwright } from '../../src/runner/dialects/playwright.ts'
import { conforms } from './conforms.ts'

conforms(playwright)
