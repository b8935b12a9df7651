// What the tests have in common: an emulator, clients of it, and what they are refused with.
'use strict'

const { spawn } = require('node:child_process')
const { createInterface } = require('node:readline')
const { test } = require('node:test')
const { vod } = require('tencentcloud-sdk-nodejs-vod')

const vodworker = process.env.VODWORKER
const permanent = { secretId: 'AKIDemulator', secretKey: 'emulator' }
const options = { timeout: 30_000 } // of a test

// emulate runs f with the endpoint of an emulator that has two events, with a temporary key, and with the file of its authority,
// if it has one. more are further flags.
async function emulate (f, ...more) {
  const args = ['emulate', '--listen', '127.0.0.1:0', '--hold', '50ms', '--temporary-key', '1h', ...more]
  const child = spawn(vodworker, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 30_000 })
  const ended = new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  try {
    await f(...await Promise.race([announced(child), ended.then(() => { throw new Error('it ended') })]))
  } finally {
    child.kill()
    await ended
  }
}

// announced reads the endpoint, the temporary key and the authority off the emulator's log.
async function announced (child) {
  let endpoint, authority
  for await (const line of createInterface({ input: child.stderr })) {
    const entry = JSON.parse(line)
    endpoint ??= entry.endpoint
    authority ??= entry.authority
    if (entry.token) {
      child.stderr.resume() // nobody reads the rest
      const temporary = { secretId: entry.secret_id, secretKey: entry.secret_key, token: entry.token }
      return [new URL(endpoint).host, temporary, authority]
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

// refusal returns the API's error of a call: without a code, if there is none.
async function refusal (call) {
  try {
    await call
  } catch (e) {
    return e
  }
  return { message: 'no error' }
}

// code returns the API's error code of a call that fails.
const code = async call => (await refusal(call)).code

// pull pulls events and confirms them.
async function pull (c) {
  try {
    const { EventSet } = await c.PullEvents({})
    await c.ConfirmEvents({ EventHandles: EventSet.map(e => e.EventHandle) })
    return EventSet
  } catch (e) {
    if (e.code === 'ResourceNotFound') return []
    throw e
  }
}

// eachSignature makes a test of each way in which a request can be signed and sent.
function eachSignature (name, f) {
  for (const signMethod of ['TC3-HMAC-SHA256', 'HmacSHA256', 'HmacSHA1']) {
    for (const reqMethod of ['POST', 'GET']) {
      test(`${name}: ${signMethod} ${reqMethod}`, options, () => f(signMethod, reqMethod))
    }
  }
}

module.exports = { client, code, eachSignature, emulate, options, permanent, pull, refusal }
