# shellcheck shell=bash disable=SC2154,SC2164  # decrypt.sh sets the variables, and -e
# SPDX-License-Identifier: MIT
#
# libcryptsetup: reads LUKS headers, unlocks key slots, makes the mapping.

# Without the kernel's keyring, tokens from shared objects, reencryption, and blkid's checks before a
# format: none of them is reached by an unlock. argon2 in its SSE2 variant, with threads.
cryptsetup_config() {
    cat <<'END'
#define _GNU_SOURCE 1
#define _FILE_OFFSET_BITS 64
#define PACKAGE "cryptsetup"
#define PACKAGE_NAME "cryptsetup"
#define PACKAGE_VERSION "2.6.1"
#define PACKAGE_STRING "cryptsetup 2.6.1"
#define HAVE_SYS_IOCTL_H 1
#define HAVE_SYS_SYSMACROS_H 1
#define HAVE_SYS_STATVFS_H 1
#define HAVE_BYTESWAP_H 1
#define HAVE_ENDIAN_H 1
#define HAVE_FCNTL_H 1
#define HAVE_UNISTD_H 1
#define HAVE_UCHAR_H 1
#define HAVE_MALLOC_H 1
#define HAVE_EXPLICIT_BZERO 1
#define HAVE_POSIX_FALLOCATE 1
#define HAVE_CLOCK_GETTIME 1
#define HAVE_NETTLE_VERSION_H 1
#define HAVE_DECL_O_CLOEXEC 1
#define HAVE_DECL_DM_TASK_DEFERRED_REMOVE 1
#define HAVE_DECL_DM_DEVICE_GET_TARGET_VERSION 0
#define HAVE_DECL_DM_DEVICE_HAS_HOLDERS 1
#define HAVE_DECL_DM_DEVICE_HAS_MOUNTED_FS 1
#define HAVE_DECL_DM_DEVICE_GET_NAME 1
#define HAVE_DECL_DM_TASK_RETRY_REMOVE 1
#define HAVE_DECL_DM_TASK_SECURE_DATA 1
#define HAVE_DECL_DM_UDEV_DISABLE_DISK_RULES_FLAG 1
#define HAVE_DECL_JSON_OBJECT_OBJECT_ADD_EX 1
#define HAVE_DECL_JSON_OBJECT_DEEP_COPY 1
#define USE_INTERNAL_PBKDF2 0
#define USE_INTERNAL_ARGON2 1
#define DEFAULT_PLAIN_HASH "ripemd160"
#define DEFAULT_PLAIN_CIPHER "aes"
#define DEFAULT_PLAIN_MODE "cbc-essiv:sha256"
#define DEFAULT_PLAIN_KEYBITS 256
#define DEFAULT_LUKS1_HASH "sha256"
#define DEFAULT_LUKS1_CIPHER "aes"
#define DEFAULT_LUKS1_MODE "xts-plain64"
#define DEFAULT_LUKS1_KEYBITS 256
#define DEFAULT_LUKS2_PBKDF "argon2id"
#define DEFAULT_LUKS1_ITER_TIME 2000
#define DEFAULT_LUKS2_ITER_TIME 2000
#define DEFAULT_LUKS2_MEMORY_KB 1048576
#define DEFAULT_LUKS2_PARALLEL_THREADS 4
#define DEFAULT_LUKS2_KEYSLOT_CIPHER "aes-xts-plain64"
#define DEFAULT_LUKS2_KEYSLOT_KEYBITS 512
#define DEFAULT_LOOPAES_CIPHER "aes"
#define DEFAULT_LOOPAES_KEYBITS 256
#define DEFAULT_KEYFILE_SIZE_MAXKB 8192
#define DEFAULT_PASSPHRASE_SIZE_MAX 512
#define DEFAULT_VERITY_HASH "sha256"
#define DEFAULT_VERITY_DATA_BLOCK 4096
#define DEFAULT_VERITY_HASH_BLOCK 4096
#define DEFAULT_VERITY_SALT_SIZE 32
#define DEFAULT_VERITY_FEC_ROOTS 2
#define DEFAULT_LUKS2_LOCK_PATH "/run/cryptsetup"
#define DEFAULT_LUKS2_LOCK_DIR_PERMS 0700
#define DEFAULT_LUKS_FORMAT CRYPT_LUKS2
#define DEFAULT_RNG "/dev/urandom"
#define EXTERNAL_LUKS2_TOKENS_PATH "/nowhere"
/* libcryptsetup_symver.h: versions of symbols are for a shared library. */
#define _LIBCRYPTSETUP_SYMVER_H
#define CRYPT_SYMBOL_EXPORT_NEW(type, name, major, minor, ...) type name(__VA_ARGS__)
#define CRYPT_SYMBOL_EXPORT_OLD(type, name, major, minor, ...) \
    static __attribute__((unused)) type name##_old(__VA_ARGS__)
END
}

# What it says of its progress has no reader either; what it says of an error is a part of ours.
drop_debug_messages() {
    local name
    for name in dbg std verbose; do
        grep -q "^#define log_$name(c, x...) crypt_logf(" lib/internal.h
        sed -i "s/^\(#define log_$name(c, x...)\) \(crypt_logf(.*\)/\1 do { if (0) \2; } while (0)/" lib/internal.h
    done
}

# crypt_load() is asked for LUKS alone, and no other type of device comes out of it.
drop_other_types() {
    answer_at_once lib/setup.c 'return 0;' is{PLAIN,LOOPAES,VERITY,TCRYPT,INTEGRITY,BITLK,FVAULT2}
}

# A header is read, never written nor shown: the stage makes no key slot. (Members that an older cryptsetup has left
# in one are taken out when it is read: luks2_keyslot_repair stays.) The first copy of
# a LUKS2 header is not even written anew when it is damaged, since that wants a lock, and the stage has them
# switched off: the second copy is taken as it is. (json_object_to_json_string_ext() is there to see whether
# the text would fit in again.) Who should come here nevertheless, is refused.
drop_writers() {
    local luks2=lib/luks2
    answer_at_once lib/luks1/keymanage.c 'return -EINVAL;' _keyslot_repair
    answer_at_once $luks2/luks2_keyslot_luks2.c 'return -ENOTSUP;' luks2_keyslot_{alloc,update,store,wipe,dump}
    answer_at_once $luks2/luks2_digest_pbkdf2.c 'return -ENOTSUP;' PBKDF2_digest_{store,dump}
    answer_at_once $luks2/luks2_disk_metadata.c 'return -ENOTSUP;' hdr_write_disk
    # The copy from which a failed change would be taken back.
    answer_at_once $luks2/luks2_json_metadata.c 'return 0;' hdr_update_copy_for_rollback
    grep -A 2 'json = json_object_to_json_string_ext(hdr_jobj,$' $luks2/luks2_json_metadata.c | tail -n 1 |
        grep -q 'json_area_size = '
    sed -i '/json = json_object_to_json_string_ext(hdr_jobj,$/,/);$/d; s/json_size = (uint64_t)strlen(json);/json_size = 0;/' \
        $luks2/luks2_json_metadata.c
    grep -q 'json_size = 0;' $luks2/luks2_json_metadata.c
    # How a new key slot would be derived. What an existing one takes stands in its header.
    answer_at_once lib/utils_pbkdf.c 'return 0;' verify_pbkdf_params
}

# A mapping is made, not changed: the stage never says CRYPT_ACTIVATE_REFRESH. Of a table that is there only
# the size is asked, by what puts an error target into its place when it cannot be removed.
drop_changes() {
    answer_at_once lib/setup.c 'return -ENOTSUP;' _reload_device{,_with_integrity}
    grep -q 'if (flags & CRYPT_ACTIVATE_REFRESH) {' lib/integrity/integrity.c
    sed -i 's/if (flags & CRYPT_ACTIVATE_REFRESH) {/if (0) {/' lib/integrity/integrity.c
    answer_at_once lib/libdevmapper.c 'tgt->type = DM_ERROR; return get_flags ? -ENOTSUP : 0;' dm_target_query
}

# One archive member a file. argon2 at -O3: -Os makes it half as fast (measured), and it is all the
# time that an unlock takes.
build_cryptsetup() {
    unpack_source cryptsetup
    cd "$work/cryptsetup"
    cryptsetup_config >config.h
    grep -A 3 'struct crypt_cipher_kernel {' lib/crypto_backend/crypto_backend_internal.h | grep -q 'int opfd;'
    sed -i '/struct crypt_cipher_kernel {/,/};/{s/int tfmfd;/void *state;/;/int opfd;/d}' \
        lib/crypto_backend/crypto_backend_internal.h
    cp "$here/decrypt/user_space_cipher.c" lib/crypto_backend/
    drop_debug_messages
    drop_other_types
    drop_writers
    drop_changes
    local flags="-std=gnu11 -include config.h -I. -Ilib -Ilib/crypto_backend"
    compile_archive libargon2.a "$flags -O3 -Ilib/crypto_backend/argon2" \
        lib/crypto_backend/argon2/{blake2/blake2b,argon2,core,encoding,thread,opt}.c
    local backend=lib/crypto_backend
    compile_archive libcryptsetup.a "$flags" lib/*.c lib/{luks1,luks2,verity,integrity,loopaes,tcrypt,bitlk,fvault2}/*.c \
        $backend/{crypto_storage,pbkdf_check,crc32,base64,utf8,argon2_generic,cipher_generic,cipher_check}.c \
        $backend/{crypto_nettle,user_space_cipher}.c
    install -D -m 644 -t "$stage/include" lib/libcryptsetup.h
}
