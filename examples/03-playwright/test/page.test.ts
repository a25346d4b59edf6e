// In a real browser: what the page creates while the test clicks through it belongs to the test.
import { scope } from '@dustpan/core'
import { expect, test } from '@dustpan/playwright-reporter/test'
import type { Page } from '@playwright/test'
import { shopUrl } from '../shop.ts'

async function register(page: Page): Promise<void> {
  await page.goto('/')
  await page.getByLabel('Name').fill('Carl')
  await page.getByLabel('E-mail').fill(`${scope().unique('carl')}@example.com`)
  await page.getByLabel('Password').fill('a secret')
  await page.getByRole('button', { name: 'Register' }).click()
  await expect(page.getByRole('status')).toHaveText('Welcome, Carl')
}

test('a customer registers and orders a broom', { tag: '@page' }, async ({ page }) => {
  await register(page)
  await page.getByRole('button', { name: 'Add Corn broom' }).click()
  await expect(page.getByRole('status')).toHaveText('Corn broom is in the cart')
  await page.getByRole('button', { name: 'Order' }).click()
  await expect(page.getByRole('status')).toHaveText(/^Order \d+ is pending$/)
})

test('two customers have two carts', { tag: '@page' }, async ({ page, browser }) => {
  const other = await (await browser.newContext({ baseURL: shopUrl })).newPage()
  await register(page)
  await register(other)
  await other.getByRole('button', { name: 'Add Hand brush' }).click()
  await expect(other.getByRole('status')).toHaveText('Hand brush is in the cart')
  await expect(page.getByRole('button', { name: 'Order' })).toBeDisabled()
  await other.context().close()
})

test('what is mocked in the page creates nothing', { tag: '@page' }, async ({ page }) => {
  await page.route('**/users', (route) => route.fulfill({ status: 201, json: { id: 1 } }))
  await page.route('**/login', (route) => route.fulfill({ json: { token: 'none' } }))
  await register(page)
  expect(scope().created()).toEqual([])
})
