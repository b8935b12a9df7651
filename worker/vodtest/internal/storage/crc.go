package storage

import (
	"hash/crc64"
	"sync"
)

// combine returns the CRC-64 of two contents, the second of which has size bytes, one after the other.
//
// A CRC is linear: behind size bytes, a first CRC is what it would have become if those were zeros, and the second is added.
func combine(first, second uint64, size int64) uint64 {
	zeros := zeroBytes()
	for i := 0; size > 0; i, size = i+1, size>>1 {
		if size&1 != 0 {
			first = zeros[i].times(first)
		}
	}
	return first ^ second
}

// zeroBytes are what 1, 2, 4, 8 and so on bytes of zeros do to a CRC: each is a matrix over the field of 0 and 1, the square of
// the one before. They are made once, since an upload of 10,000 parts is put together while the storage waits.
var zeroBytes = sync.OnceValue(func() *[63]matrix {
	bits := oneZeroBit()
	for range 3 {
		bits = bits.squared()
	}
	all := [63]matrix{bits}
	for i := 1; i < len(all); i++ {
		all[i] = all[i-1].squared()
	}
	return &all
})

// A matrix has a column for each bit.
type matrix [64]uint64

// oneZeroBit is what a bit that is 0 does to a CRC, whose lowest bit is that of the highest power.
func oneZeroBit() matrix {
	m := matrix{crc64.ECMA}
	for i := 1; i < len(m); i++ {
		m[i] = 1 << (i - 1)
	}
	return m
}

func (m *matrix) times(vector uint64) (product uint64) {
	for i := 0; vector != 0; i, vector = i+1, vector>>1 {
		if vector&1 != 0 {
			product ^= m[i]
		}
	}
	return product
}

func (m *matrix) squared() (square matrix) {
	for i, column := range m {
		square[i] = m.times(column)
	}
	return square
}
