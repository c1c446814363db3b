"""What Doorstep remembers: tables, units of work, files, migrations, archives. Imports nothing else of ours."""
