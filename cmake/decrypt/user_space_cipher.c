// SPDX-License-Identifier: MIT
// AES in user space for libcryptsetup's key slots: takes the place of its crypto_cipher_kernel.c.
//
// The choice. A key slot of LUKS2 has to be decrypted outside dm-crypt. libcryptsetup's nettle backend
// leaves that to the kernel's AF_ALG sockets, which need af_alg, algif_skcipher and a kernel built with
// them; small kernels are not. Here nettle does it: no module, no socket, and 256 KiB of key material
// are not worth a system call for each 512 bytes. The price: the prototypes are private to the pinned
// 2.6.1, and only AES (xts, cbc, ecb for the essiv IV) is known. A slot of another cipher is ENOENT,
// which the stage reports. The data itself is dm-crypt's, with whatever cipher the kernel has.
//
// crypto_cipher_kernel.c is not compiled at all (cryptsetup.sh), so that AF_ALG cannot come in by accident.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/nettle-meta.h>
#include <nettle/xts.h>

#include "crypto_backend_internal.h"

enum mode { MODE_ECB, MODE_CBC, MODE_XTS };

struct user_space_cipher {
    enum mode mode;
    const struct nettle_cipher *cipher;
    // Of the largest kind, aes256.
    struct aes256_ctx encrypt, decrypt, tweak;
};

static const struct nettle_cipher *cipher_of_key(size_t length) {
    switch (length) {
        case 16: return &nettle_aes128;
        case 24: return &nettle_aes192;
        case 32: return &nettle_aes256;
        default: return NULL;
    }
}

static int mode_of(const char *name, enum mode *mode) {
    static const char *const names[] = {"ecb", "cbc", "xts"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(name, names[i]) != 0) continue;
        *mode = (enum mode)i;
        return 0;
    }
    return -ENOENT;
}

int crypt_cipher_init_kernel(struct crypt_cipher_kernel *ctx, const char *name, const char *mode,
                             const void *key, size_t key_length) {
    struct user_space_cipher *state;
    const uint8_t *bytes = key;
    enum mode found;
    ctx->state = NULL;
    if (strcmp(name, "aes") != 0 || mode_of(mode, &found) != 0) return -ENOENT;
    const size_t length = found == MODE_XTS ? key_length / 2 : key_length;
    if (found == MODE_XTS && (key_length % 2 != 0 || length == 24)) return -EINVAL;
    const struct nettle_cipher *cipher = cipher_of_key(length);
    if (cipher == NULL) return -EINVAL;
    state = calloc(1, sizeof *state);
    if (state == NULL) return -ENOMEM;
    state->mode = found;
    state->cipher = cipher;
    cipher->set_encrypt_key(&state->encrypt, bytes);
    cipher->set_decrypt_key(&state->decrypt, bytes);
    if (found == MODE_XTS) cipher->set_encrypt_key(&state->tweak, bytes + length);
    ctx->state = state;
    return 0;
}

void crypt_cipher_destroy_kernel(struct crypt_cipher_kernel *ctx) {
    if (ctx->state == NULL) return;
    crypt_backend_memzero(ctx->state, sizeof(struct user_space_cipher));
    free(ctx->state);
    ctx->state = NULL;
}

int crypt_cipher_encrypt_kernel(struct crypt_cipher_kernel *ctx, const char *in, char *out,
                                size_t length, const char *iv, size_t iv_length) {
    const struct user_space_cipher *state = ctx->state;
    uint8_t block[AES_BLOCK_SIZE];
    uint8_t *to = (uint8_t *)out;
    const uint8_t *from = (const uint8_t *)in;
    if (length == 0 || length % AES_BLOCK_SIZE != 0) return -EINVAL;
    if (state->mode == MODE_ECB) {
        state->cipher->encrypt(&state->encrypt, length, to, from);
        return 0;
    }
    if (iv == NULL || iv_length != sizeof block) return -EINVAL;
    memcpy(block, iv, sizeof block);
    if (state->mode == MODE_CBC) {
        cbc_encrypt(&state->encrypt, state->cipher->encrypt, AES_BLOCK_SIZE, block, length, to, from);
    } else {
        xts_encrypt_message(&state->encrypt, &state->tweak, state->cipher->encrypt, block, length,
                            to, from);
    }
    return 0;
}

int crypt_cipher_decrypt_kernel(struct crypt_cipher_kernel *ctx, const char *in, char *out,
                                size_t length, const char *iv, size_t iv_length) {
    const struct user_space_cipher *state = ctx->state;
    uint8_t block[AES_BLOCK_SIZE];
    uint8_t *to = (uint8_t *)out;
    const uint8_t *from = (const uint8_t *)in;
    if (length == 0 || length % AES_BLOCK_SIZE != 0) return -EINVAL;
    if (state->mode == MODE_ECB) {
        state->cipher->decrypt(&state->decrypt, length, to, from);
        return 0;
    }
    if (iv == NULL || iv_length != sizeof block) return -EINVAL;
    memcpy(block, iv, sizeof block);
    if (state->mode == MODE_CBC) {
        cbc_decrypt(&state->decrypt, state->cipher->decrypt, AES_BLOCK_SIZE, block, length, to, from);
    } else {
        xts_decrypt_message(&state->decrypt, &state->tweak, state->cipher->decrypt,
                            state->cipher->encrypt, block, length, to, from);
    }
    return 0;
}

// Asked before a header is written, which this program never does.
int crypt_cipher_check_kernel(const char *name, const char *mode, const char *integrity,
                              size_t key_length) {
    (void)name, (void)mode, (void)integrity, (void)key_length;
    return -ENOTSUP;
}

// BitLocker is no format of this program.
int crypt_bitlk_decrypt_key_kernel(const void *key, size_t key_length, const char *in, char *out,
                                   size_t length, const char *iv, size_t iv_length, const char *tag,
                                   size_t tag_length) {
    (void)key, (void)key_length, (void)in, (void)out, (void)length;
    (void)iv, (void)iv_length, (void)tag, (void)tag_length;
    return -ENOTSUP;
}
