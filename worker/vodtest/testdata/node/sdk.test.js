// The official Node.js SDK, unchanged, against vodworker emulate: `make sdks`.
'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { client, code, eachSignature, emulate, options, permanent } = require('./emulator')

eachSignature('events', (signMethod, reqMethod) => emulate(async endpoint => {
  const c = client(endpoint, permanent, signMethod, reqMethod)

  assert.equal((await c.DescribeEventsState({})).CountOfEventsToPull, 2)
  const { EventSet: events } = await c.PullEvents({})
  assert.deepEqual(events.map(e => e.EventType), ['NewFileUpload', 'ProcedureStateChanged'])
  const fileID = events[0].FileUploadEvent.FileId
  assert.match(fileID, /^[0-9]{10,20}$/)
  assert.equal(events[1].ProcedureStateChangeEvent.FileId, fileID)

  const EventHandles = events.map(e => e.EventHandle)
  assert.ok((await c.ConfirmEvents({ EventHandles })).RequestId)
  assert.equal(await code(c.ConfirmEvents({ EventHandles })), 'InvalidParameterValue')
  assert.equal(await code(c.PullEvents({})), 'ResourceNotFound')

  const NotificationUrl = 'http://127.0.0.1:1/vod?a=1&b=ü c'
  await c.ModifyEventConfig({ Mode: 'PUSH', NotificationUrl })
  const config = await c.DescribeEventConfig({})
  assert.equal(config.Mode, 'PUSH')
  assert.equal(config.NotificationUrl, NotificationUrl)
  await c.ModifyEventConfig({ Mode: 'PULL' })
  assert.equal((await c.DescribeEventConfig({})).Mode, 'PULL')

  const wrong = client(endpoint, { ...permanent, secretKey: 'other' }, signMethod, reqMethod)
  assert.equal(await code(wrong.PullEvents({})), 'AuthFailure.SignatureFailure')
}))

test('a temporary key needs its token', options, () => emulate(async (endpoint, temporary) => {
  assert.equal((await client(endpoint, temporary).PullEvents({})).EventSet.length, 2)
  assert.equal(await code(client(endpoint, { ...temporary, token: '' }).PullEvents({})), 'AuthFailure.TokenFailure')
}))
