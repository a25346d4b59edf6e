import type { Table } from './table.ts'

export const users = { name: 'users', softDelete: true } as const satisfies Table
export const categories = { name: 'categories' } as const satisfies Table
export const products = { name: 'products' } as const satisfies Table
export const carts = { name: 'carts' } as const satisfies Table
export const cartItems = { name: 'cart_items' } as const satisfies Table
export const orders = { name: 'orders' } as const satisfies Table
export const orderItems = { name: 'order_items' } as const satisfies Table
export const payments = { name: 'payments' } as const satisfies Table
export const auditLog = { name: 'audit_log' } as const satisfies Table
