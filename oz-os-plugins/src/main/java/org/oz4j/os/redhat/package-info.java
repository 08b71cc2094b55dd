/** Fedora, Red Hat Enterprise Linux and its kin, installed by Anaconda with a kickstart file. */
@NullMarked
package org.oz4j.os.redhat;

import org.jspecify.annotations.NullMarked;
