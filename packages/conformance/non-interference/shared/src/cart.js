/** What the suites test: some of it covered, some not. */
export function newCart(customer = 'nobody') {
  return { customer, lines: [], coupon: undefined }
}

export function add(cart, name, price, quantity = 1) {
  if (quantity <= 0) throw new RangeError(`Quantity must be positive, got ${quantity}`)
  cart.lines.push({ name, price, quantity })
  return cart
}

export function total(cart) {
  const sum = cart.lines.reduce((so, { price, quantity }) => so + price * quantity, 0)
  switch (cart.coupon) {
    case 'half':
      return sum / 2
    case 'free':
      return 0
    default:
      return cart.lines.length > 100 ? sum * 0.9 : sum
  }
}

export const describeCart = (cart) => `${cart.customer}: ${cart.lines.map(({ name }) => name).join(', ') || 'nothing'}`
