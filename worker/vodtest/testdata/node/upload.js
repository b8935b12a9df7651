// Uploads a file, and a cover if one is named, as an application does: node upload.js FILE [COVER]. It knows of no emulator.
'use strict'

const { VodUploadClient, VodUploadRequest } = require('vod-node-sdk')

const request = new VodUploadRequest()
const [, , MediaFilePath, CoverFilePath] = process.argv
Object.assign(request, { MediaFilePath, MediaName: 'Leuchtturm', Procedure: 'LongVideoPreset', SessionContext: 'order 43' })
if (CoverFilePath) request.CoverFilePath = CoverFilePath

new VodUploadClient('AKIDemulator', process.env.SECRET_KEY).upload('ap-guangzhou', request, (err, answer) => {
  const { FileId, MediaUrl, CoverUrl } = answer ?? {}
  console.log(JSON.stringify({ FileId, MediaUrl, CoverUrl, code: err?.code, message: err?.message }))
})
