/**
 * FreeBSD, installed by its own installer with a script.
 *
 * <p>Not here: OpenBSD, whose autoinstall(8) takes its answers from a web server that DHCP names, or out of the RAM disk inside
 * of its kernel, and neither of them can be had by a CD or a changed one; NetBSD, whose sysinst(8) asks all its questions.
 */
@NullMarked
package org.oz4j.os.bsd;

import org.jspecify.annotations.NullMarked;
