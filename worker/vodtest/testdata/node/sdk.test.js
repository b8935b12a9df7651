// The official Node.js SDK, unchanged, against vodworker emulate: `make sdks`.
'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { createInterface } = require('node:readline')
const { test } = require('node:test')
const { vod } = require('tencentcloud-sdk-nodejs-vod')

const vodworker = process.env.VODWORKER
const permanent = { secretId: 'AKIDemulator', secretKey: 'emulator' }

// emulate runs f with the endpoint of an emulator that has two events, and with a temporary key.
async function emulate (f) {
  const args = ['emulate', '--listen', '127.0.0.1:0', '--hold', '50ms', '--temporary-key', '1h']
  const child = spawn(vodworker, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 30_000 })
  const ended = new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  try {
    const [endpoint, temporary] = await Promise.race([announced(child), ended.then(() => { throw new Error('it ended') })])
    await f(endpoint, temporary)
  } finally {
    child.kill()
    await ended
  }
}

// announced reads the endpoint and the temporary key off the emulator's log.
async function announced (child) {
  let endpoint
  for await (const line of createInterface({ input: child.stderr })) {
    const entry = JSON.parse(line)
    endpoint ??= entry.endpoint
    if (entry.token) {
      child.stderr.resume() // nobody reads the rest
      return [new URL(endpoint).host, { secretId: entry.secret_id, secretKey: entry.secret_key, token: entry.token }]
    }
  }
  throw new Error('it ended without a word')
}

function client (endpoint, credential, signMethod = 'TC3-HMAC-SHA256', reqMethod = 'POST') {
  return new vod.v20180717.Client({
    credential,
    region: 'ap-guangzhou',
    profile: { signMethod, httpProfile: { protocol: 'http://', endpoint, reqMethod, reqTimeout: 10 } }
  })
}

// code returns the API's error code of a call that fails.
async function code (call) {
  try {
    await call
  } catch (e) {
    return e.code
  }
  return 'no error'
}

const options = { timeout: 30_000 }

for (const signMethod of ['TC3-HMAC-SHA256', 'HmacSHA256', 'HmacSHA1']) {
  for (const reqMethod of ['POST', 'GET']) {
    test(`${signMethod} ${reqMethod}`, options, () => emulate(async endpoint => {
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
  }
}

test('a temporary key needs its token', options, () => emulate(async (endpoint, temporary) => {
  assert.equal((await client(endpoint, temporary).PullEvents({})).EventSet.length, 2)
  assert.equal(await code(client(endpoint, { ...temporary, token: '' }).PullEvents({})), 'AuthFailure.TokenFailure')
}))
