// Command empty does nothing: how long that takes is the least that a program in Go
// takes.
package main

func main() {}
