/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The values of -nic, good and bad.
 */
#include <check.h>
#include <string.h>

#include "dbt-runtime/vm/net_user.h"
#include "dbt-runtime/vm/options.h"
#include "tests/harness/suites.h"

Suite *nic_suite(void);

static struct vm_nic_option parse(const char *value)
{
	struct vm_nic_option o;
	struct err e = ERR_INIT;

	ck_assert_msg(vm_nic_parse(value, 0, &o, &e) == ST_OK, "%s: %s", value, e.text);
	return o;
}

START_TEST(nothing_but_user)
{
	struct vm_nic_option o = parse("user");

	ck_assert_int_eq(o.kind, NIC_USER);
	ck_assert(!memcmp(o.mac, "\x52\x54\x00\x12\x34\x56", 6));
	ck_assert_uint_eq(o.net, 0x0a000200);
	ck_assert_uint_eq(o.mask, 0xffffff00);
	ck_assert(!o.restricted && !*o.tftp && !*o.bootfile && !o.nhostfwd);
}
END_TEST

START_TEST(everything)
{
	struct vm_nic_option o = parse("user,mac=00:50:c2:0C:ff:01,net=192.168.7.9/26,restrict=on,tftp=files/a b=c,,d,bootfile=vmlinux.srec,"
				       "hostfwd=tcp::2222-:22,hostfwd=udp:127.0.0.1:69-192.168.7.20:1069,hostfwd=:0.0.0.0:65535-:1");
	static const struct vm_hostfwd fwd[] = {
		{ false, 0, 0, 2222, 22 }, { true, 0x7f000001, 0xc0a80714, 69, 1069 }, { false, 0, 0, 65535, 1 },
	};

	ck_assert(!memcmp(o.mac, "\x00\x50\xc2\x0c\xff\x01", 6));
	ck_assert_uint_eq(o.net, 0xc0a80700);
	ck_assert_uint_eq(o.mask, 0xffffffc0);
	ck_assert(o.restricted);
	ck_assert_str_eq(o.tftp, "files/a b=c,d");
	ck_assert_str_eq(o.bootfile, "vmlinux.srec");
	ck_assert_uint_eq(o.nhostfwd, ARRAY_LEN(fwd));
	for (unsigned i = 0; i < ARRAY_LEN(fwd); i++) {
		ck_assert_int_eq(o.hostfwd[i].udp, fwd[i].udp);
		ck_assert_uint_eq(o.hostfwd[i].host, fwd[i].host);
		ck_assert_uint_eq(o.hostfwd[i].guest, fwd[i].guest);
		ck_assert_uint_eq(o.hostfwd[i].host_port, fwd[i].host_port);
		ck_assert_uint_eq(o.hostfwd[i].guest_port, fwd[i].guest_port);
	}
}
END_TEST

START_TEST(one_per_interface)
{
	char *argv[] = { (char *)"dbt", (char *)"-kernel", (char *)"k", (char *)"-nic", (char *)"none", (char *)"-nic", (char *)"user" };
	struct vm_options o;
	struct err e = ERR_INIT;

	ck_assert_msg(vm_options_parse(&o, ARRAY_LEN(argv), argv, &e) == ST_OK, "%s", e.text);
	ck_assert_uint_eq(o.nnics, 2);
	ck_assert_int_eq(o.nic[0].kind, NIC_NONE);
	ck_assert_int_eq(o.nic[1].kind, NIC_USER);
	ck_assert_uint_eq(o.nic[1].mac[5], 0x57); /* no two alike */
}
END_TEST

START_TEST(too_many)
{
	char *argv[] = { (char *)"dbt", (char *)"-nic", (char *)"none", (char *)"-nic", (char *)"none", (char *)"-nic", (char *)"none" };
	struct vm_options o;
	struct err e = ERR_INIT;
	char value[2048] = "user";

	ck_assert_int_eq(vm_options_parse(&o, ARRAY_LEN(argv), argv, &e), ST_USAGE);
	ck_assert_str_eq(e.text, "-nic: more than 2 interfaces");
	for (unsigned i = 0; i <= VM_HOSTFWD_MAX; i++)
		strcat(value, ",hostfwd=tcp::1-:1");
	ck_assert_int_eq(vm_nic_parse(value, 0, &o.nic[0], &e), ST_USAGE);
	ck_assert_str_eq(e.text, "hostfwd: more than 32 of them");
	memset(value, 'x', 1200);
	memcpy(value, "user,tftp=", 10);
	value[1200] = 0;
	ck_assert_int_eq(vm_nic_parse(value, 0, &o.nic[0], &e), ST_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "too long"));
	memcpy(value, "user,bootfile=", 14);
	value[14 + 128] = 0;
	ck_assert_int_eq(vm_nic_parse(value, 0, &o.nic[0], &e), ST_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "longer than 127 bytes"));
	value[14 + 127] = 0;
	ck_assert_int_eq(vm_nic_parse(value, 0, &o.nic[0], &e), ST_OK);
}
END_TEST

static const struct { const char *value, *says; } wrong[] = {
	{ "", "missing" }, { "tap", "'tap' is neither user nor none" }, { "mac=52:54:00:12:34:56", "'mac=52:54:00:12:34:56' is neither" },
	{ "none,mac=52:54:00:12:34:56", "not there" },
	{ "user,", "missing" }, { "user,,mac=52:54:00:12:34:56", "'user,mac=52:54:00:12:34:56' is neither" },
	{ "user,model=rtl8139", "'model=rtl8139': there are mac, net, hostfwd" }, { "user,fast", "'fast': there are" },
	{ "user,mac=52:54:00:12:34", "is not an address" }, { "user,mac=52:54:00:12:34:56:78", "is not an address" },
	{ "user,mac=525400123456", "is not an address" }, { "user,mac=5:4:0:1:3:5", "is not an address" },
	{ "user,mac=52:54:00:12:34:5g", "is not an address" }, { "user,mac=+2:54:00:12:34:56", "is not an address" },
	{ "user,mac= 2:54:00:12:34:56", "is not an address" }, { "user,mac=01:00:5e:00:00:01", "not the address of one" },
	{ "user,mac=00:00:00:00:00:00", "not the address of one" },
	{ "user,net=10.0.2.0", "is not a network" }, { "user,net=10.0.2/24", "is not a network" }, { "user,net=10.0.2.0/7", "with 8 to 27 bits" },
	{ "user,net=10.0.2.0/28", "net=10.0.2.0/28 is" }, { "user,net=10.0.2.0/", "is not a network" },
	{ "user,net=10.0.2.0/x", "is not a network" },
	{ "user,net=300.0.2.0/24", "is not a network" },
	{ "user,hostfwd=tcp:2222-22", "is not tcp|udp" }, { "user,hostfwd=sctp::1-:1", "hostfwd=sctp::1-:1 is not" },
	{ "user,hostfwd=tcp::0-:1", "is not tcp" }, { "user,hostfwd=tcp::1-:0", "is not tcp" }, { "user,hostfwd=tcp::65536-:1", "is not tcp" },
	{ "user,hostfwd=tcp::1-:65536", "is not tcp" }, { "user,hostfwd=tcp:localhost:1-:1", "is not tcp" },
	{ "user,hostfwd=tcp::1:", "is not tcp" },
	{ "user,hostfwd=tcp::1-guest:1", "is not tcp" }, { "user,hostfwd=tcp::-:", "is not tcp" }, { "user,hostfwd=tcp::1-:1:2", "is not tcp" },
	{ "user,restrict=maybe", "neither on nor off" }, { "user,tftp=", "missing" },
};

START_TEST(each_mistake)
{
	struct vm_nic_option o;
	struct err e = ERR_INIT;

	ck_assert_int_eq(vm_nic_parse(wrong[_i].value, 0, &o, &e), ST_USAGE);
	ck_assert_msg(strstr(e.text, wrong[_i].says) != NULL, "%s: %s", wrong[_i].value, e.text);
}
END_TEST

START_TEST(not_built_in)
{
	struct vm_nic_option o;
	struct err e = ERR_INIT;

	ck_assert_int_eq(vm_nic_parse("user", 0, &o, &e), ST_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(e.text, "libslirp"));
	ck_assert_int_eq(vm_nic_parse("none", 0, &o, &e), ST_OK);
}
END_TEST

Suite *nic_suite(void)
{
	Suite *s = suite_create("nic");
	TCase *t = tcase_create("parse");

	suite_add_tcase(s, t);
	if (!net_user_built()) {
		test_skip("nic", "built without libslirp");
		tcase_add_test(t, not_built_in);
		return s;
	}
	tcase_add_test(t, nothing_but_user);
	tcase_add_test(t, everything);
	tcase_add_test(t, one_per_interface);
	tcase_add_test(t, too_many);
	tcase_add_loop_test(t, each_mistake, 0, (int)ARRAY_LEN(wrong));
	return s;
}
