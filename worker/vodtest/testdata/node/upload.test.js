// The official upload SDK, unchanged, against vodworker emulate --tls: it calls VOD's own hosts, and those of its storage.
'use strict'

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const { mkdtemp, rm, writeFile } = require('node:fs/promises')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { test } = require('node:test')
const { promisify } = require('node:util')
const { client, emulate, options, permanent, pull } = require('./emulator')

// uploading runs f with what uploads a file of a size in a process of its own, as only such a one can be told whom to trust.
const uploading = f => emulate(async (endpoint, _, authority) => {
  const folder = await mkdtemp(join(tmpdir(), 'upload-'))
  const proxy = `http://${endpoint}`
  const env = {
    PATH: process.env.PATH,
    HOME: folder, // where the SDK keeps what it has begun
    NODE_EXTRA_CA_CERTS: authority,
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    http_proxy: proxy // which is the one that one of the SDKs looks at
  }
  const upload = async (size, coverSize, SECRET_KEY = permanent.secretKey) => {
    const files = [[join(folder, 'lighthouse.mp4'), size], [join(folder, 'cover.png'), coverSize]].filter(([, size]) => size)
    for (const [path, size] of files) await writeFile(path, Buffer.alloc(size, 'content'))
    const args = [join(__dirname, 'upload.js'), ...files.map(([path]) => path)]
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...env, SECRET_KEY }, timeout: 25_000 })
    return JSON.parse(stdout)
  }
  try {
    await f(upload, client(endpoint, permanent))
  } finally {
    await rm(folder, { recursive: true })
  }
}, '--tls', '--task-time', '10ms', '--events', '0')

for (const [name, size, coverSize] of [['small', 2048, 0], ['in eight parts', 7 * 1024 * 1024 + 1, 100]]) {
  test(`a file is uploaded: ${name}`, options, () => uploading(async (upload, c) => {
    const { FileId, MediaUrl, CoverUrl, message } = await upload(size, coverSize)
    assert.match(FileId ?? message, /^[0-9]{10,20}$/)
    const { MediaInfoSet: [info] } = await c.DescribeMediaInfos({ FileIds: [FileId] })
    assert.equal(info.MetaData.Size, size)
    assert.deepEqual([info.BasicInfo.Name, info.BasicInfo.Type, info.BasicInfo.MediaUrl], ['Leuchtturm', 'mp4', MediaUrl])
    assert.match(CoverUrl, coverSize ? /cover\.png$/ : /^$/)

    const events = []
    for (let tries = 0; events.length < 2 && tries < 100; tries++) events.push(...await pull(c))
    const [uploaded, task] = [events[0].FileUploadEvent, events[1].ProcedureStateChangeEvent]
    assert.deepEqual([uploaded.FileId, uploaded.ProcedureTaskId], [FileId, task.TaskId])
    assert.deepEqual([task.FileId, task.Status, task.SessionContext], [FileId, 'FINISH', 'order 43'])
  }))
}

test('an upload needs the right key', options, () => uploading(async upload => {
  assert.equal((await upload(2048, 0, 'other')).code, 'AuthFailure.SignatureFailure')
}))
