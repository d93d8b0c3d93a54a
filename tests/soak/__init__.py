"""The long read: case after case in the real window, and whatever is left over from one."""
