/* A plugin for qemu-user that writes, at each sched_yield of the program, how many instructions it has executed so far:
 * one number a line, to the file `out`. The program calls sched_yield where it wants to be measured, and nowhere else.
 *
 * Debian ships the interface without its header; what is used of it is declared here. The version is that of the
 * interface: 1 up to QEMU 8, 2 since QEMU 9.
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define SCHED_YIELD 124 /* on arm64 */

typedef uint64_t Id;
typedef struct qemu_plugin_tb Block;

void qemu_plugin_register_vcpu_tb_trans_cb(Id id, void (*translated)(Id id, Block *block));
void qemu_plugin_register_vcpu_tb_exec_cb(Block *block, void (*executed)(unsigned cpu, void *data), int flags, void *data);
size_t qemu_plugin_tb_n_insns(const Block *block);
void qemu_plugin_register_vcpu_syscall_cb(Id id, void (*called)(Id id, unsigned cpu, int64_t number, uint64_t a, uint64_t b,
                                                                uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g,
                                                                uint64_t h));

EXPORT int qemu_plugin_version = PLUGIN_VERSION;
static uint64_t instructions;
static FILE *out;

static void executed(unsigned cpu, void *count)
{
    (void)cpu;
    instructions += (uintptr_t)count;
}

static void translated(Id id, Block *block)
{
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_cb(block, executed, 0, (void *)(uintptr_t)qemu_plugin_tb_n_insns(block));
}

static void called(Id id, unsigned cpu, int64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                   uint64_t f, uint64_t g, uint64_t h)
{
    (void)id, (void)cpu, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    if (number != SCHED_YIELD) return;
    fprintf(out, "%" PRIu64 "\n", instructions);
    fflush(out);
}

EXPORT int qemu_plugin_install(Id id, const void *about, int count, char **arguments)
{
    (void)about;
    if (count != 1 || strncmp(arguments[0], "out=", 4) != 0) return -1;
    out = fopen(arguments[0] + 4, "w");
    if (!out) return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_syscall_cb(id, called);
    return 0;
}
